package dev.refrain.redis;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tracks how long connections to one server last. A server, or what stands before it, may accept
 * and greet every connection and close it soon after: the waits between attempts grow then, and a
 * connection has to prove itself before it counts as usable.
 *
 * <p>Lives on one event loop.
 */
final class Stability {
  private static final Backoff BACKOFF = new Backoff(100, 5_000);

  /** A connection that lasted this long was a good one; in nanoseconds. */
  private static final long LASTING = TimeUnit.SECONDS.toNanos(5);

  /** After how many short-lived ones in a row a reply proves nothing any more. */
  private static final int CREDULOUS = 3;

  private final LongSupplier nanoTime;
  private long connectedAt;
  private int refused;
  private int brief;

  /**
   * Without history.
   *
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  Stability(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** An attempt failed. Milliseconds to wait before the next. */
  long refused() {
    return BACKOFF.delay(++refused + brief);
  }

  /** There is a connection. */
  void connected() {
    connectedAt = nanoTime.getAsLong();
    refused = 0;
  }

  /** The connection ended. Milliseconds to wait before the next attempt. */
  long ended() {
    boolean lasted = nanoTime.getAsLong() - connectedAt >= LASTING;
    brief = lasted ? 0 : brief + 1;
    return BACKOFF.delay(brief + 1);
  }

  /** Whether a connection counts as usable from the beginning. */
  boolean isTrusted() {
    return brief == 0;
  }

  /** Whether a connection counts as usable from its first good reply on. */
  boolean isTrustedOnceItReplied() {
    return brief <= CREDULOUS;
  }

  /** For how many milliseconds a connection has to last that is not trusted. */
  long probation() {
    return BACKOFF.delay(brief + 1);
  }

  /**
   * Delay before the next attempt: it doubles from {@code first} up to {@code cap} and is randomly
   * reduced by up to half, so that a fleet does not reconnect in one wave.
   *
   * @param first in milliseconds
   * @param cap in milliseconds
   */
  record Backoff(long first, long cap) {
    private static final int MAX_DOUBLINGS = 30;

    /** Milliseconds to wait after {@code failed} attempts in a row, counted from 1. */
    long delay(int failed) {
      long full = Math.min(cap, first << Math.min(failed - 1, MAX_DOUBLINGS));
      return ThreadLocalRandom.current().nextLong(Math.max(1, full / 2), full + 1);
    }
  }
}
