package dev.refrain.redis;

import java.time.Duration;

/**
 * Settings of the connections to Redis. Bounds are per connection.
 *
 * @param servers where it is
 * @param connectTimeout the longest an attempt to connect takes, the handshake of Redis included;
 *     asking a sentinel for the address is another attempt
 * @param pending how many commands may be in flight
 * @param breakerFailures after how many commands in a row without a reply a server is given up
 * @param breakerPause for how long it then is left alone
 */
public record RedisSettings(
    Servers servers,
    Duration connectTimeout,
    int pending,
    int breakerFailures,
    Duration breakerPause) {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming the value at fault
   */
  public RedisSettings {
    require(connectTimeout.toMillis() >= 1, "connectTimeout (expected: at least 1 ms)");
    require(pending > 0, "pending (expected: positive)");
    require(breakerFailures > 0, "breakerFailures (expected: positive)");
    require(breakerPause.toMillis() >= 1, "breakerPause (expected: at least 1 ms)");
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("redis " + what);
    }
  }
}
