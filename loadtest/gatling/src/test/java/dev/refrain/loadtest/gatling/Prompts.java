package dev.refrain.loadtest.gatling;

import java.util.Iterator;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Who asks for what. The order is the same in every run. */
final class Prompts {
  /** Different prompts of those that come back. */
  static final int KEPT = 100;

  private static final double EXPONENT = 1.1;
  private static final long RUN = System.nanoTime();

  private Prompts() {}

  /** Each of the kept ones, by turns. */
  static Iterator<Map<String, Object>> byTurns() {
    AtomicLong number = new AtomicLong();
    return endless(() -> Map.of("prompt", "kept " + number.getAndIncrement() % KEPT));
  }

  /** None of them twice, in this run and in others. */
  static Iterator<Map<String, Object>> fresh() {
    AtomicLong number = new AtomicLong();
    return endless(() -> Map.of("prompt", "fresh " + RUN + " " + number.getAndIncrement()));
  }

  /**
   * The first often, the last seldom; 85 of 100 at temperature 0, half of them as streams, a fifth
   * for several choices.
   */
  static Iterator<Map<String, Object>> mixed() {
    Random dice = new Random(1);
    double[] shares =
        IntStream.rangeClosed(1, 1000).mapToDouble(rank -> Math.pow(rank, -EXPONENT)).toArray();
    double sum = IntStream.range(0, shares.length).mapToDouble(rank -> shares[rank]).sum();
    return endless(
        () -> {
          double left = dice.nextDouble() * sum;
          int rank = 0;
          while (rank < shares.length - 1 && (left -= shares[rank]) > 0) {
            rank++;
          }
          return Map.of(
              "prompt",
              "mixed " + rank,
              "temperature",
              dice.nextInt(100) < 85 ? "0" : "0.7",
              "stream",
              dice.nextBoolean(),
              "n",
              dice.nextInt(5) == 0 ? 2 + dice.nextInt(3) : 1);
        });
  }

  private static Iterator<Map<String, Object>> endless(Supplier<Map<String, Object>> next) {
    return Stream.generate(next).iterator();
  }
}
