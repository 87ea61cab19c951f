package dev.refrain.demo;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Delay between consecutive tokens. Counts from the beginning rather than from step to step, so
 * that delays below a timer's millisecond hold on average.
 */
final class Pace {
  private final long nanosPerStep;
  private final long began = System.nanoTime();

  Pace(Duration delay) {
    this.nanosPerStep = delay.toNanos();
  }

  /** How many steps should have been made by now. */
  long due() {
    return nanosPerStep == 0 ? Long.MAX_VALUE : (System.nanoTime() - began) / nanosPerStep;
  }

  /** Milliseconds until {@code step} is due, rounded up; 0 or less if it is. */
  long millisUntil(long step) {
    if (nanosPerStep == 0) {
      return 0;
    }
    long nanos = step * nanosPerStep - (System.nanoTime() - began);
    return TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
  }
}
