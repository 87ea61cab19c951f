package dev.refrain.redis;

import dev.refrain.redis.RedisLink.State;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Circuit breaker: opens for a pause after consecutive failures, then admits one probe, whose
 * outcome closes it or opens it again.
 *
 * <p>An admitted caller reports exactly one of {@link #succeeded}, {@link #failed} and {@link
 * #undecided}. Lives on one event loop.
 */
public final class Breaker {
  private final int limit;
  private final long pause;
  private final LongSupplier nanoTime;

  /** Written on the loop, read from anywhere. */
  private volatile State state = State.CLOSED;

  private int failures;
  private long failedAt;
  private long openUntil;

  /**
   * A closed breaker.
   *
   * @param limit how many failures in a row open it
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public Breaker(int limit, Duration pause, LongSupplier nanoTime) {
    this.limit = limit;
    this.pause = pause.toNanos();
    this.nanoTime = nanoTime;
  }

  /** Whether to ask now. The first to be admitted after a pause is the probe. */
  public boolean admits() {
    if (state == State.CLOSED) {
      return true;
    }
    if (state == State.HALF_OPEN || nanoTime.getAsLong() - openUntil < 0) {
      return false;
    }
    state = State.HALF_OPEN;
    return true;
  }

  /** The current state. Any thread. */
  State state() {
    return state;
  }

  /** Whether every command is admitted. */
  boolean isClosed() {
    return state == State.CLOSED;
  }

  /** There was a reply. A late one from before the pause does not end the pause. */
  public void succeeded() {
    if (state != State.OPEN) {
      state = State.CLOSED;
      failures = 0;
    }
  }

  /**
   * There was no reply. Commands in flight together count once: one that was sent before the last
   * failure was known says nothing new, or a moment of silence would open it.
   *
   * @param asked when the command was sent, by the clock
   * @return whether this opened the breaker
   */
  public boolean failed(long asked) {
    if (state == State.OPEN || failures > 0 && asked - failedAt < 0) {
      return false;
    }
    failedAt = nanoTime.getAsLong();
    if (state == State.CLOSED && ++failures < limit) {
      return false;
    }
    open(pause);
    return true;
  }

  /** The connection went away under the question; if it was the probe, the next one is. */
  public void undecided() {
    if (state == State.HALF_OPEN) {
      open(0);
    }
  }

  private void open(long forNanos) {
    state = State.OPEN;
    failures = 0;
    openUntil = nanoTime.getAsLong() + forNanos;
  }
}
