package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.Fingerprint;
import java.time.Duration;

/**
 * Settings of the shared cache.
 *
 * @param timeout the longest a request waits for a lookup
 * @param ttlJitter the share of {@code ttl} that chance may take off a key's life, 0 to below 1, so
 *     that keys written together do not vanish together
 * @param prefix what keys begin with
 * @param ttl how long an answer is fresh
 * @param maxEntry the largest value read or written, in bytes
 */
public record SharedCacheSettings(
    Duration timeout, double ttlJitter, String prefix, Duration ttl, int maxEntry) {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException naming the value at fault
   */
  public SharedCacheSettings {
    require(timeout.toMillis() >= 1, "timeout (expected: at least 1 ms)");
    require(ttlJitter >= 0 && ttlJitter < 1, "ttlJitter (expected: 0 to below 1)");
    require(!prefix.isEmpty(), "prefix (expected: not empty)");
    require(prefix.indexOf('{') < 0, "prefix (expected: no brace, it would be the hash tag)");
    require(ttl.toMillis() >= 1, "ttl (expected: at least 1 ms)");
    require(maxEntry > 0, "maxEntry (expected: positive)");
  }

  /** Where the answer is. */
  String key(Fingerprint fingerprint) {
    return prefix + ":" + EntryCodec.VERSION + ":{" + fingerprint + "}";
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalArgumentException("shared cache " + what);
    }
  }
}
