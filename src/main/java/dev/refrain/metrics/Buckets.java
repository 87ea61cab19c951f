package dev.refrain.metrics;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.DoubleStream;

/** Upper bounds of the histograms, in seconds: dense where a service level would be set. */
enum Buckets {
  /** From a hit in memory to a long completion. */
  REQUEST(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300),
  /** Time that a proxy adds: from a hit in memory to a wait for a permit. */
  OVERHEAD(.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5),
  /** From a hash map to a shared cache at the end of its budget. */
  LOOKUP(.00001, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1),
  /** A call that a model works for. */
  UPSTREAM(.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
  /** A replayed stream to a long queue at the upstream. */
  FIRST_TOKEN(.001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60),
  /** Several frames in a turn to a stalled stream. */
  BETWEEN_TOKENS(.0001, .001, .005, .01, .02, .03, .05, .075, .1, .25, .5, 1, 5, 30);

  private static final double NANOS = 1e9;

  private final Duration[] bounds;

  Buckets(double... seconds) {
    bounds =
        DoubleStream.of(seconds)
            .mapToObj(bound -> Duration.ofNanos(Math.round(bound * NANOS)))
            .toArray(Duration[]::new);
  }

  /** A histogram of this name with these bounds. */
  Timer.Builder timer(String name) {
    return Timer.builder(name).serviceLevelObjectives(bounds);
  }
}
