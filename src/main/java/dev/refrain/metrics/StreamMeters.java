package dev.refrain.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Times the frames of streams. */
final class StreamMeters {
  private final Exemplars exemplars;
  private final Timer first;
  private final Timer next;

  StreamMeters(MeterRegistry registry, Exemplars exemplars) {
    this.exemplars = exemplars;
    first =
        Buckets.FIRST_TOKEN
            .timer("refrain.time.to.first.token")
            .description("From a streamed request to its first frame")
            .register(exemplars.registry());
    next =
        Buckets.BETWEEN_TOKENS
            .timer("refrain.time.between.tokens")
            .description("From one frame of a stream to the next")
            .register(registry);
  }

  void first(long nanos, String trace) {
    exemplars.record(first, nanos, trace);
  }

  void next(long nanos) {
    next.record(nanos, TimeUnit.NANOSECONDS);
  }
}
