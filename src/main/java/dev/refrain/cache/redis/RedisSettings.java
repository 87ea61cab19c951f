package dev.refrain.cache.redis;

import java.net.URI;
import java.time.Duration;
import java.util.Set;

/**
 * What can be set about the shared cache. Bounds are per event loop, as each has a connection.
 *
 * @param url {@code redis://[[user]:password@]host[:port][/database]}, {@code rediss://} with TLS,
 *     or {@code unix://}
 * @param timeout the longest a request waits for a look-up
 * @param connectTimeout the longest an attempt to connect takes, the handshake of Redis included
 * @param ttlJitter the share of {@code ttl} that chance may take off a key's life, 0 to below 1, so
 *     that keys written together do not vanish together
 * @param pendingWrites how many writes may be under way; more are dropped
 * @param prefix what keys begin with
 * @param breakerFailures after how many commands in a row without a reply Redis is given up
 * @param breakerPause for how long it then is left alone
 * @param ttl how long an answer is fresh
 * @param maxEntry the largest value read or written, in bytes
 */
public record RedisSettings(
    String url,
    Duration timeout,
    Duration connectTimeout,
    double ttlJitter,
    int pendingWrites,
    String prefix,
    int breakerFailures,
    Duration breakerPause,
    Duration ttl,
    int maxEntry) {
  private static final Set<String> SCHEMES = Set.of("redis", "rediss", "unix");

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming the value at fault; the URL is not repeated, since it
   *     may hold a password
   */
  public RedisSettings {
    require(SCHEMES.contains(scheme(url)), "url (expected: redis://, rediss:// or unix://)");
    require(millis(timeout), "timeout (expected: at least 1 ms)");
    require(millis(connectTimeout), "connectTimeout (expected: at least 1 ms)");
    require(ttlJitter >= 0 && ttlJitter < 1, "ttlJitter (expected: 0 to below 1)");
    require(pendingWrites >= 0, "pendingWrites (expected: not negative)");
    require(!prefix.isEmpty(), "prefix (expected: not empty)");
    require(prefix.indexOf('{') < 0, "prefix (expected: no brace, it would be the hash tag)");
    require(breakerFailures > 0, "breakerFailures (expected: positive)");
    require(millis(breakerPause), "breakerPause (expected: at least 1 ms)");
    require(millis(ttl), "ttl (expected: at least 1 ms)");
    require(maxEntry > 0, "maxEntry (expected: positive)");
  }

  /** Whether the connection is encrypted. */
  boolean tls() {
    return url.startsWith("rediss:");
  }

  /** Without the URL, which may hold a password. */
  @Override
  public String toString() {
    return "RedisSettings[timeout=" + timeout + ", ttl=" + ttl + ", prefix=" + prefix + "]";
  }

  private static String scheme(String url) {
    try {
      return String.valueOf(URI.create(url).getScheme());
    } catch (IllegalArgumentException unparsable) {
      return "";
    }
  }

  private static boolean millis(Duration duration) {
    return duration.toMillis() >= 1 && duration.toMillis() <= Integer.MAX_VALUE * 1000L;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("redis " + what);
    }
  }
}
