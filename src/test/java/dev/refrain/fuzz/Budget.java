package dev.refrain.fuzz;

import java.time.Duration;

/**
 * How long to go on. In the build so many inputs of one seed, the same each time; {@code
 * -Drefrain.fuzz.seconds=N} goes on for N seconds each, with {@code -Drefrain.fuzz.seed=S} or a
 * seed of the clock that a failure names.
 */
final class Budget {
  private static final long SEED = 20260101;

  private final long seed;
  private final int most;
  private final long end;

  private Budget(long seed, int most, long end) {
    this.seed = seed;
    this.most = most;
    this.end = end;
  }

  /** So many inputs, or as many as fit in the time asked for. */
  static Budget of(int count) {
    Long seconds = Long.getLong("refrain.fuzz.seconds");
    if (seconds == null) {
      return new Budget(Long.getLong("refrain.fuzz.seed", SEED), count, Long.MAX_VALUE);
    }
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    return new Budget(Long.getLong("refrain.fuzz.seed", System.nanoTime()), -1, end);
  }

  long seed() {
    return seed;
  }

  boolean allows(int done) {
    return most < 0 ? System.nanoTime() - end < 0 : done < most;
  }
}
