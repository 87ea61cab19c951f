package dev.refrain.metrics;

import dev.refrain.completion.Observer.Ending;
import dev.refrain.completion.Observer.Setback;
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
  private final Map<Setback, Counter> retries;
  private final Counter withheld;
  private final Counter hedges;

  UpstreamMeters(MeterRegistry registry) {
    calls = Labels.counter(registry, "refrain.upstream.calls", "Calls to the upstream begun");
    durations = Labels.each(Ending.class, ending -> duration(registry, ending));
    retries = Labels.each(Setback.class, why -> retry(registry, why));
    withheld =
        Labels.counter(
            registry,
            "refrain.upstream.retries.withheld",
            "Calls not made once more because too many were already");
    hedges =
        Labels.counter(
            registry, "refrain.upstream.hedges", "Calls made beside one that was slow to answer");
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

  void retried(Setback why) {
    retries.get(why).increment();
  }

  void retryWithheld() {
    withheld.increment();
  }

  void hedged() {
    hedges.increment();
  }

  private static Counter retry(MeterRegistry registry, Setback why) {
    return Labels.counter(
        registry, "refrain.upstream.retries", "Calls made once more", "reason", Labels.of(why));
  }

  private static Timer duration(MeterRegistry registry, Ending ending) {
    return Buckets.UPSTREAM
        .timer("refrain.upstream.duration")
        .description("Time of a call to the upstream, to its end")
        .tag("ending", Labels.of(ending))
        .register(registry);
  }
}
