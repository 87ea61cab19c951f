package dev.refrain.management;

import dev.refrain.inference.Source;
import dev.refrain.management.MetricReadings.Distribution;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The state of the live page as JSON: counters since the start of the process, current gauges,
 * times in milliseconds since 1970, durations in seconds. Rates are for the reader to compute from
 * two snapshots.
 *
 * <p>Holds no label that {@code /metrics} does not.
 */
final class Snapshot {
  /** Requests without an answer. */
  private static final String NOBODY = "none";

  private static final List<String> TIERS =
      List.of(Source.MEMORY.label(), Source.DISK.label(), Source.REDIS.label());

  private final MetricReadings now;

  private Snapshot(MetricReadings now) {
    this.now = now;
  }

  /** What the readings say; {@code at} is the clock for rates. */
  static JsonObject of(MetricReadings readings, long at) {
    return new Snapshot(readings).write(at);
  }

  private JsonObject write(long at) {
    return new JsonObject()
        .put("at", at)
        .put("started", Math.round(now.started() * 1000))
        .put("version", String.join(" ", now.values("version", "refrain_build_info")))
        .put("requests", bySource("refrain_requests").put(NOBODY, requests(NOBODY)))
        .put("failed", now.sum("refrain_requests", "status", "5xx"))
        .put("passed", now.sum("refrain_passthrough_requests"))
        .put("tokens", bySource("refrain_tokens"))
        .put("copied", now.sum("refrain_replicated_tokens"))
        .put("money", money())
        .put("lookups", lookups())
        .put("collapsed", now.sum("refrain_collapsed"))
        .put("bypass", object(now.by("reason", "refrain_bypass")))
        .put("latency", latency())
        .put("firstToken", histogram(now.distribution("refrain_time_to_first_token_seconds")))
        .put("overhead", histogram(now.distribution("refrain_overhead_seconds")))
        .put("upstreams", upstreams())
        .put("calls", now.sum("refrain_upstream_calls_in_flight"))
        .put("flights", now.sum("refrain_flights"))
        .put("connections", now.sum("refrain_connections"))
        .put("held", now.sum("refrain_memory_used_bytes", "pool", "heap"))
        .put("budget", now.sum("refrain_memory_budget_bytes", "pool", "heap"))
        .put("lag", now.sum("refrain_event_loop_lag_seconds"))
        .put("entries", now.sum("refrain_memory_cache_entries"))
        .put("bytes", now.sum("refrain_memory_cache_size_bytes"));
  }

  private double requests(String source) {
    return now.sum("refrain_requests", "source", source);
  }

  private JsonObject bySource(String name) {
    JsonObject sums = new JsonObject();
    for (Source source : Source.values()) {
      sums.put(source.label(), now.sum(name, "source", source.label()));
    }
    return sums;
  }

  /** One object a currency; empty where there is no price. */
  private JsonArray money() {
    JsonArray sums = new JsonArray();
    for (String currency : now.values("currency", "refrain_cost")) {
      double all = now.sum("refrain_cost", "currency", currency);
      double paid =
          now.sum("refrain_cost", "currency", currency, "source", Source.UPSTREAM.label());
      sums.add(
          new JsonObject().put("currency", currency).put("paid", paid).put("saved", all - paid));
    }
    return sums;
  }

  private JsonObject lookups() {
    JsonObject tiers = new JsonObject();
    for (String tier : TIERS) {
      JsonObject results = new JsonObject();
      for (String result : List.of("hit", "miss", "error")) {
        results.put(result, now.sum("refrain_cache_lookups", "tier", tier, "outcome", result));
      }
      tiers.put(tier, results);
    }
    return tiers;
  }

  private JsonObject latency() {
    Map<String, Distribution> sources =
        now.distributions("source", "refrain_request_duration_seconds");
    List<Double> bounds =
        sources.values().stream().map(Distribution::bounds).findAny().orElse(List.of());
    JsonObject by = new JsonObject();
    for (Source source : Source.values()) {
      by.put(source.label(), counts(sources.get(source.label())));
    }
    by.put(NOBODY, counts(sources.get(NOBODY)));
    return new JsonObject().put("bounds", new JsonArray(bounds)).put("by", by);
  }

  private static JsonArray counts(Distribution distribution) {
    return new JsonArray((distribution == null ? Distribution.NONE : distribution).counts());
  }

  private static JsonObject histogram(Distribution distribution) {
    return new JsonObject()
        .put("bounds", new JsonArray(distribution.bounds()))
        .put("counts", new JsonArray(distribution.counts()));
  }

  private JsonArray upstreams() {
    JsonArray all = new JsonArray();
    for (String name : now.values("upstream", "refrain_upstream_state")) {
      all.add(
          new JsonObject()
              .put("name", name)
              .put("state", state(name))
              .put("active", now.sum("refrain_upstream_active", "upstream", name))
              .put("waiting", now.sum("refrain_upstream_waiting", "upstream", name))
              .put("tries", now.sum("refrain_upstream_tries", "upstream", name)));
    }
    return all;
  }

  /** The one that reads 1. Each is asked by itself, so that all may read 0 amid a change. */
  private String state(String upstream) {
    return now.by("state", "refrain_upstream_state", "upstream", upstream).entrySet().stream()
        .max(Comparator.comparingDouble(Map.Entry::getValue))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  private static JsonObject object(Map<String, Double> sums) {
    JsonObject object = new JsonObject();
    sums.forEach(object::put);
    return object;
  }
}
