package dev.refrain.keys;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * So much a minute: a bucket that is full at first and refills all the time. Any thread; lock-free.
 */
public final class Allowance {
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final long MINUTES_OF_A_DAY = Duration.ofDays(1).toMinutes();
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final long limit;
  private final Bucket bucket;

  /**
   * A full one.
   *
   * @param limit a minute, above zero
   * @param nanoTime the clock
   */
  Allowance(long limit, LongSupplier nanoTime) {
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
    return bucket.tryConsume(1);
  }

  /**
   * Takes what has been spent already, whether it is there or not; what no upstream can mean is
   * taken for a day's worth.
   */
  void charge(long spent) {
    if (spent > 0) {
      bucket.consumeIgnoringRateLimits(Math.min(spent, limit * MINUTES_OF_A_DAY));
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
