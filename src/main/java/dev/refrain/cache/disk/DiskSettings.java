package dev.refrain.cache.disk;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the disk tier.
 *
 * @param folder where its files are; nothing else is there
 * @param size what they may weigh together, in bytes
 * @param maxEntry the largest value read or written, in bytes
 * @param ttl how long entries are fresh that do not say it
 * @param timeout the longest that a request waits for a lookup
 * @param delay how long a write may wait for others, so that they are one transaction
 */
public record DiskSettings(
    Path folder, long size, int maxEntry, Duration ttl, Duration timeout, Duration delay) {
  private static final Duration TIMEOUT = Duration.ofMillis(50);
  private static final Duration DELAY = Duration.ofMillis(200);

  /** Settings with the usual times. */
  public DiskSettings(Path folder, long size, int maxEntry, Duration ttl) {
    this(folder, size, maxEntry, ttl, TIMEOUT, DELAY);
  }
}
