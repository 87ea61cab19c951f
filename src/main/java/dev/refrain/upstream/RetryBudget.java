package dev.refrain.upstream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits retries over all requests: each request adds a fraction of a retry, and each retry takes
 * one. So retries do not multiply the load of an outage. Lock-free; any thread.
 */
final class RetryBudget {
  private static final long RETRY = 1_000;

  private final long share;
  private final long most;
  private final AtomicLong saved;

  /**
   * A full budget.
   *
   * @param share of a retry that a request pays in
   * @param reserve most retries that are saved up
   */
  RetryBudget(double share, int reserve) {
    this.share = Math.round(share * RETRY);
    this.most = Math.max(1, reserve) * RETRY;
    this.saved = new AtomicLong(reserve * RETRY);
  }

  /** A request came. */
  void deposit() {
    if (saved.get() < most) {
      saved.updateAndGet(now -> Math.min(most, now + share));
    }
  }

  /** Takes out one retry; false if there is none. */
  boolean withdraw() {
    long now = saved.get();
    while (now >= RETRY) {
      if (saved.compareAndSet(now, now - RETRY)) {
        return true;
      }
      now = saved.get();
    }
    return false;
  }
}
