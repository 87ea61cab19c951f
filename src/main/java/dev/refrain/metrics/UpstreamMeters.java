package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Observer.CallOutcome;
import dev.refrain.inference.Observer.RetryReason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the calls we pay for, and how they end. */
final class UpstreamMeters {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final PerEndpoint<Counter> calls;
  private final Map<CallOutcome, Timer> durations;
  private final Map<RetryReason, Counter> retries;
  private final Counter suppressed;

  UpstreamMeters(MeterRegistry registry, List<Endpoint> endpoints) {
    calls = new PerEndpoint<>(endpoints, endpoint -> calls(registry, endpoint));
    durations = Labels.each(CallOutcome.class, callOutcome -> duration(registry, callOutcome));
    retries = Labels.each(RetryReason.class, reason -> retry(registry, reason));
    suppressed =
        Labels.counter(
            registry,
            "refrain.upstream.retries.suppressed",
            "Calls not made once more because too many were already");
    Gauge.builder("refrain.upstream.calls.in.flight", inFlight::get)
        .description("Calls to the upstream that have not ended")
        .register(registry);
  }

  void began(Endpoint endpoint) {
    calls.of(endpoint).increment();
    inFlight.incrementAndGet();
  }

  void ended(CallOutcome callOutcome, long nanos) {
    inFlight.decrementAndGet();
    durations.get(callOutcome).record(nanos, TimeUnit.NANOSECONDS);
  }

  void retried(RetryReason reason) {
    retries.get(reason).increment();
  }

  void retrySuppressed() {
    suppressed.increment();
  }

  private static Counter calls(MeterRegistry registry, String endpoint) {
    return Labels.counter(
        registry, "refrain.upstream.calls", "Calls to the upstream begun", "endpoint", endpoint);
  }

  private static Counter retry(MeterRegistry registry, RetryReason reason) {
    return Labels.counter(
        registry, "refrain.upstream.retries", "Calls made once more", "reason", Labels.of(reason));
  }

  private static Timer duration(MeterRegistry registry, CallOutcome callOutcome) {
    return Buckets.UPSTREAM
        .timer("refrain.upstream.duration")
        .description("Time of a call to the upstream, to its end")
        .tag("outcome", Labels.of(callOutcome))
        .register(registry);
  }
}
