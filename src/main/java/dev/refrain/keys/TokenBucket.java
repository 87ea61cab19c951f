package dev.refrain.keys;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A rate limit per minute: a bucket that starts full and refills continuously. Any thread;
 * lock-free.
 *
 * <p>Processes may count one together. Each replica takes from its own bucket, learns what all have
 * taken ({@link #pendingUsage}), and then has no more left than all of them together.
 */
public final class TokenBucket {
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final long MINUTES_OF_A_DAY = Duration.ofDays(1).toMinutes();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private static final double PERIOD_MICROS = PERIOD.toNanos() / 1e3;

  private final long limit;
  private final Bucket bucket;
  private final LongAdder taken = new LongAdder();
  private long reported; // of what was taken; on the thread of settlements

  /**
   * A full one.
   *
   * @param limit a minute, above zero
   * @param nanoTime the clock
   */
  TokenBucket(long limit, LongSupplier nanoTime) {
    this.limit = limit;
    this.bucket =
        Bucket.builder()
            .addLimit(capacity -> capacity.capacity(limit).refillGreedy(limit, PERIOD))
            .withCustomTimePrecision(new Clock(nanoTime))
            .build();
  }

  private record Clock(LongSupplier nanoTime) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return nanoTime.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  /** How much a minute. */
  public long limit() {
    return limit;
  }

  /** Takes one; false if there is none. */
  boolean take() {
    boolean there = bucket.tryConsume(1);
    if (there) {
      taken.increment();
    }
    return there;
  }

  /**
   * Takes what has been spent already, whether it is there or not; what no upstream can mean is
   * taken for a day's worth.
   */
  void charge(long spent) {
    if (spent > 0) {
      long bounded = Math.min(spent, limit * MINUTES_OF_A_DAY);
      bucket.consumeIgnoringRateLimits(bounded);
      taken.add(bounded);
    }
  }

  /** Usage to publish now. On one thread, one at a time. */
  public PendingUsage pendingUsage() {
    return new PendingUsage();
  }

  /** Usage that was taken locally and is not published yet. */
  public final class PendingUsage {
    private final long all = taken.sum();

    private PendingUsage() {}

    /** The time in which it comes back, in microseconds. */
    public long micros() {
      return Math.round((all - reported) * PERIOD_MICROS / limit);
    }

    /** Publishing failed. Usage that has been refilled by now need not be published any more. */
    public void missed() {
      reported = Math.max(reported, all - Math.max(0, limit - bucket.getAvailableTokens()));
    }

    /**
     * It was published.
     *
     * @param micros the time in which all comes back that all processes have taken
     */
    public void made(long micros) {
      reported = all;
      long since = taken.sum() - all;
      double missing = micros * limit / PERIOD_MICROS;
      // Within one token, because only the shared bucket counts fractions.
      bound(limit - (long) Math.ceil(missing) - since, limit - Math.round(missing) - since);
    }

    private void bound(long least, long most) {
      long left = bucket.getAvailableTokens();
      if (left > most) {
        bucket.consumeIgnoringRateLimits(Math.min(left - most, limit * MINUTES_OF_A_DAY));
      } else if (left < least) {
        bucket.addTokens(least - left);
      }
    }
  }

  /** Whether there is any. */
  boolean isLeft() {
    return bucket.getAvailableTokens() > 0;
  }

  /** How much is left; 0 for a debt, too. */
  public long remaining() {
    return Math.max(0, bucket.getAvailableTokens());
  }

  /** Whole seconds until there is one again, rounded up; at least 1. */
  public long waitSeconds() {
    long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
    return Math.max(1, (nanos + SECOND - 1) / SECOND);
  }

  /** Time until all of it is back. */
  public Duration reset() {
    double missing = limit - bucket.getAvailableTokens();
    return Duration.ofNanos((long) (missing / limit * PERIOD.toNanos()));
  }
}
