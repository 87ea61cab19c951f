package dev.refrain.metrics;

import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts the lookups and stores of one cache tier. */
final class TierMeters {
  private final Map<Lookup, Counter> lookups;
  private final Timer duration;
  private final Counter stores;
  private final Counter bytes;
  private final Counter dropped;

  TierMeters(MeterRegistry registry, Source source) {
    String tier = source.label();
    lookups = Labels.each(Lookup.class, result -> lookups(registry, tier, result));
    duration =
        Buckets.LOOKUP
            .timer("refrain.cache.lookup.duration")
            .description("Time of a lookup")
            .tag("tier", tier)
            .register(registry);
    stores =
        Labels.counter(registry, "refrain.cache.stores", "Answers stored in a tier", "tier", tier);
    bytes = Labels.counter(registry, "refrain.cache.store.bytes", "Bytes of them", "tier", tier);
    dropped =
        Labels.counter(
            registry,
            "refrain.cache.stores.dropped",
            "Answers that could not be stored: queue full, or tier unavailable",
            "tier",
            tier);
  }

  void lookedUp(Lookup result, long nanos) {
    lookups.get(result).increment();
    duration.record(nanos, TimeUnit.NANOSECONDS);
  }

  void stored(int length) {
    stores.increment();
    bytes.increment(length);
  }

  void storeDropped() {
    dropped.increment();
  }

  /** Lookups that were answered, with an entry or with none. */
  double answered() {
    return lookups.get(Lookup.HIT).count() + lookups.get(Lookup.MISS).count();
  }

  /** Lookups that were not. */
  double unanswered() {
    return lookups.get(Lookup.ERROR).count();
  }

  /** Answers kept. */
  double stores() {
    return stores.count();
  }

  /** Answers not kept. */
  double dropped() {
    return dropped.count();
  }

  private static Counter lookups(MeterRegistry registry, String tier, Lookup result) {
    return Labels.counter(
        registry,
        "refrain.cache.lookups",
        "Lookups in a cache tier, by outcome",
        "tier",
        tier,
        "outcome",
        Labels.of(result));
  }
}
