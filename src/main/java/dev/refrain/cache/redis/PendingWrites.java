package dev.refrain.cache.redis;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts the writes of all event loops that are in progress or queued. Any thread. */
public final class PendingWrites {
  private final int most;
  private final AtomicInteger pending = new AtomicInteger();

  /** A count with this bound. */
  public PendingWrites(int most) {
    this.most = most;
  }

  /** Counts another write; false if there are as many as there may be. */
  boolean begin() {
    if (pending.incrementAndGet() <= most) {
      return true;
    }
    end();
    return false;
  }

  /** A write that was counted has ended. */
  void end() {
    pending.decrementAndGet();
  }
}
