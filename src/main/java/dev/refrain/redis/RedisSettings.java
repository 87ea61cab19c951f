package dev.refrain.redis;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * What can be set about a connection to Redis. Bounds are per connection.
 *
 * @param url {@code redis://[[user]:password@]host[:port][/database]}, {@code rediss://} with TLS,
 *     or {@code unix://}
 * @param connectTimeout the longest an attempt to connect takes, the handshake of Redis included
 * @param pending how many commands may be in flight
 * @param breakerFailures after how many commands in a row without a reply Redis is given up
 * @param breakerPause for how long it then is left alone
 */
public record RedisSettings(
    String url, Duration connectTimeout, int pending, int breakerFailures, Duration breakerPause) {
  private static final Set<String> SCHEMES = Set.of("redis", "rediss", "unix");

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming the value at fault; the URL is not repeated, since it
   *     may hold a password
   */
  public RedisSettings {
    require(SCHEMES.contains(scheme(url)), "url (expected: redis://, rediss:// or unix://)");
    require(connectTimeout.toMillis() >= 1, "connectTimeout (expected: at least 1 ms)");
    require(pending > 0, "pending (expected: positive)");
    require(breakerFailures > 0, "breakerFailures (expected: positive)");
    require(breakerPause.toMillis() >= 1, "breakerPause (expected: at least 1 ms)");
  }

  /** Whether the connection is encrypted. */
  boolean tls() {
    return url.startsWith("rediss:");
  }

  /** Without the URL, which may hold a password. */
  @Override
  public String toString() {
    return "RedisSettings[connectTimeout=" + connectTimeout + ", pending=" + pending + "]";
  }

  private static String scheme(String url) {
    try {
      return String.valueOf(URI.create(url).getScheme());
    } catch (IllegalArgumentException unparsable) {
      return "";
    }
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("redis " + what);
    }
  }
}
