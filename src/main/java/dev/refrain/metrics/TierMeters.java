package dev.refrain.metrics;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Counts the lookups and stores of one cache tier. */
final class TierMeters {
  private final MeterRegistry registry;
  private final String tier;
  private final List<Endpoint> endpoints;
  private final PerEndpoint<Map<Lookup, Counter>> defaults;
  // Names of rules come from the configuration, so there are few.
  private final Map<String, PerEndpoint<Map<Lookup, Counter>>> rules = new ConcurrentHashMap<>();
  private final Timer duration;
  private final Counter stores;
  private final Counter bytes;
  private final Counter dropped;

  TierMeters(MeterRegistry registry, Source source, List<Endpoint> endpoints) {
    this.registry = registry;
    this.endpoints = endpoints;
    this.tier = source.label();
    defaults = lookups(CachePolicy.NO_RULE);
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

  /** What goes wrong with the disk. */
  static Map<DiskFault, Counter> diskFaults(MeterRegistry registry) {
    return Labels.each(
        DiskFault.class,
        fault ->
            Labels.counter(
                registry,
                "refrain.disk.faults",
                "What went wrong with the disk, by kind",
                "fault",
                Labels.of(fault)));
  }

  void lookedUp(Endpoint endpoint, Lookup result, String rule, long nanos) {
    PerEndpoint<Map<Lookup, Counter>> lookups =
        rule.isEmpty() ? defaults : rules.computeIfAbsent(rule, this::lookups);
    lookups.of(endpoint).get(result).increment();
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
    return count(Lookup.HIT) + count(Lookup.MISS);
  }

  /** Lookups that were not. */
  double unanswered() {
    return count(Lookup.ERROR);
  }

  private double count(Lookup result) {
    return Stream.concat(Stream.of(defaults), rules.values().stream())
        .flatMap(each -> each.all().stream())
        .mapToDouble(lookups -> lookups.get(result).count())
        .sum();
  }

  /** Answers kept. */
  double stores() {
    return stores.count();
  }

  /** Answers not kept. */
  double dropped() {
    return dropped.count();
  }

  private PerEndpoint<Map<Lookup, Counter>> lookups(String rule) {
    return new PerEndpoint<>(endpoints, endpoint -> lookups(endpoint, rule));
  }

  private Map<Lookup, Counter> lookups(String endpoint, String rule) {
    return Labels.each(
        Lookup.class,
        result ->
            Labels.counter(
                registry,
                "refrain.cache.lookups",
                "Lookups in a cache tier, by outcome",
                "endpoint",
                endpoint,
                "tier",
                tier,
                "outcome",
                Labels.of(result),
                "rule",
                rule));
  }
}
