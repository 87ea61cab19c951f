package dev.refrain.runtime;

import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Pool;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Whether this process has more to do than it can: its memory budget stays full, or an event loop
 * does not answer. It is looked at from time to time by a thread that serves no requests, and may
 * be asked by any.
 */
public final class Strain {
  /** How often to look, in milliseconds. */
  public static final long INTERVAL_MILLIS = 500;

  /** Longer than a burst, and shorter than callers wait. */
  private static final long HIGH_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** An event loop that has stood still for so long does not recover by itself. */
  private static final long FATAL_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final MemoryBudget memory;
  private final LongSupplier overdue;
  private final LongSupplier nanoTime;
  private volatile boolean full;
  private volatile long since;

  /**
   * Nothing strained yet.
   *
   * @param overdue nanoseconds for which the slowest event loop has not answered
   * @param nanoTime the clock
   */
  public Strain(MemoryBudget memory, LongSupplier overdue, LongSupplier nanoTime) {
    this.memory = memory;
    this.overdue = overdue;
    this.nanoTime = nanoTime;
  }

  /** Looks at the memory budget. What slow readers hold beside the heap is theirs to lose. */
  public void look() {
    boolean now = memory.isNearlyFull(Pool.HEAP);
    if (now && !full) {
      since = nanoTime.getAsLong();
    }
    full = now;
  }

  /** Whether requests are better sent elsewhere. */
  boolean isHigh() {
    return full && nanoTime.getAsLong() - since >= HIGH_NANOS || overdue.getAsLong() >= HIGH_NANOS;
  }

  /** Whether an event loop has stood still for so long that only a restart helps. */
  boolean isFatal() {
    return overdue.getAsLong() >= FATAL_NANOS;
  }
}
