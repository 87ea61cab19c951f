package dev.refrain.cache.disk;

import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.DiskFault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the faults of the disk, and logs one of each kind, at most every ten minutes. Any thread.
 */
final class DiskLog {
  private static final Logger LOG = LoggerFactory.getLogger(DiskTier.class);
  private static final long QUIET = Duration.ofMinutes(10).toNanos();

  private final Path folder;
  private final Observer observer;
  private final Map<DiskFault, Long> spoken = new EnumMap<>(DiskFault.class);
  private volatile DiskFault last;

  DiskLog(Path folder, Observer observer) {
    this.folder = folder;
    this.observer = observer;
  }

  /** Something went wrong. */
  synchronized void failed(DiskFault fault, String why) {
    observer.diskFailed(fault);
    last = fault;
    long now = System.nanoTime();
    Long before = spoken.get(fault);
    if (before == null || now - before > QUIET) {
      spoken.put(fault, now);
      LOG.warn(
          "cache.disk {}: {} ({}); continuing without what it costs", folder, label(fault), why);
    }
  }

  /** What was written was written. */
  void succeeded() {
    last = null;
  }

  /** How it is, in a word. */
  String state() {
    DiskFault fault = last;
    return fault == null ? "up" : label(fault);
  }

  void info(String what) {
    LOG.info("cache.disk {}: {}", folder, what);
  }

  private static String label(DiskFault fault) {
    return fault.name().toLowerCase(Locale.ROOT);
  }
}
