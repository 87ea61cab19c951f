package dev.refrain.metrics;

import dev.refrain.completion.Observer.Ending;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the calls we pay for, and how they end. */
final class UpstreamMeters {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final Counter calls;
  private final Map<Ending, Timer> durations;

  UpstreamMeters(MeterRegistry registry) {
    calls = Labels.counter(registry, "refrain.upstream.calls", "Calls to the upstream begun");
    durations = Labels.each(Ending.class, ending -> duration(registry, ending));
    Gauge.builder("refrain.upstream.calls.in.flight", inFlight::get)
        .description("Calls to the upstream that have not ended")
        .register(registry);
  }

  void began() {
    calls.increment();
    inFlight.incrementAndGet();
  }

  void ended(Ending ending, long nanos) {
    inFlight.decrementAndGet();
    durations.get(ending).record(nanos, TimeUnit.NANOSECONDS);
  }

  private static Timer duration(MeterRegistry registry, Ending ending) {
    return Buckets.UPSTREAM
        .timer("refrain.upstream.duration")
        .description("Time of a call to the upstream, to its end")
        .tag("ending", Labels.of(ending))
        .register(registry);
  }
}
