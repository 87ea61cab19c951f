package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what becomes of requests for several choices. */
final class FanOutMeters {
  private final Counter requests;
  private final Counter parts;
  private final Counter batches;
  private final Counter batched;
  private final Counter choices;
  private final Counter tokens;
  private final AtomicLong waiting = new AtomicLong();

  FanOutMeters(MeterRegistry registry) {
    requests =
        Labels.counter(registry, "refrain.fanout.requests", "Requests that were taken apart");
    parts = Labels.counter(registry, "refrain.fanout.parts", "Parts that they were taken into");
    batches =
        Labels.counter(
            registry, "refrain.fanout.batches", "Upstream calls for several parts of one request");
    batched = Labels.counter(registry, "refrain.fanout.batched.parts", "Parts in such calls");
    choices =
        Labels.counter(
            registry, "refrain.replicated.choices", "Choices answered with a copy of another");
    tokens =
        Labels.counter(
            registry,
            "refrain.replicated.tokens",
            "Completion tokens of replicated choices, which cost nothing");
    Gauge.builder("refrain.fanout.waiting", waiting, AtomicLong::get)
        .description("Parts that wait for their turn")
        .register(registry);
  }

  void divided(int count) {
    requests.increment();
    parts.increment(count);
  }

  void batched(int count) {
    batches.increment();
    batched.increment(count);
  }

  void waiting(int more) {
    waiting.addAndGet(more);
  }

  void replicated(int count, long completion) {
    choices.increment(count);
    tokens.increment(completion);
  }
}
