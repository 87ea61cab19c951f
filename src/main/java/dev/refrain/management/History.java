package dev.refrain.management;

import dev.refrain.inference.Source;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The figures of the live page over the last hour, kept by the process, and what is wrong now by
 * comparison with them. The oldest sample gives way to the newest.
 *
 * <p>Threads: any that may block; it asks every gauge.
 */
final class History {
  /** Milliseconds between two samples. */
  static final long PERIOD = 5_000;

  /** An hour. */
  static final int MOST = 720;

  /** Enough for quantiles of the last minute. */
  private static final int WHOLE = 15;

  /** Milliseconds by which an event counts as something that happens now. */
  private static final long RECENT = 20_000;

  private static final Map<String, ToDoubleFunction<MetricReadings>> COLUMNS = columns();
  private static final List<String> NAMES = List.copyOf(COLUMNS.keySet());

  private final PrometheusRegistry registry;
  private final Supplier<JsonObject> health;
  private final LongSupplier clock;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private final Deque<JsonObject> whole = new ArrayDeque<>();

  private record Sample(long at, double[] values) {
    double of(String name) {
      return values[NAMES.indexOf(name)];
    }
  }

  /**
   * Begins where nothing was counted yet.
   *
   * @param health {@link ManagementServices.HealthStatus#report}
   * @param clock milliseconds of the epoch
   */
  History(PrometheusRegistry registry, Supplier<JsonObject> health, LongSupplier clock) {
    this.registry = registry;
    this.health = health;
    this.clock = clock;
    samples.add(new Sample(clock.getAsLong(), new double[NAMES.size()]));
  }

  private static Map<String, ToDoubleFunction<MetricReadings>> columns() {
    Map<String, ToDoubleFunction<MetricReadings>> columns = new LinkedHashMap<>();
    for (Source source : Source.values()) {
      String label = source.label();
      columns.put("requests." + label, now -> now.sum("refrain_requests", "source", label));
      columns.put("tokens." + label, now -> now.sum("refrain_tokens", "source", label));
    }
    columns.put("requests.none", now -> now.sum("refrain_requests", "source", "none"));
    columns.put("copied", now -> now.sum("refrain_replicated_tokens"));
    columns.put("failed", now -> now.sum("refrain_requests", "status", "5xx"));
    columns.put("passed", now -> now.sum("refrain_passthrough_requests"));
    columns.put("retried", now -> now.sum("refrain_upstream_retries"));
    columns.put("dropped", now -> now.sum("refrain_cache_stores_dropped"));
    columns.put("different", now -> now.sum("refrain_verifications", "outcome", "different"));
    columns.put("calls", now -> now.sum("refrain_upstream_calls_in_flight"));
    columns.put("flights", now -> now.sum("refrain_flights"));
    columns.put("connections", now -> now.sum("refrain_connections"));
    columns.put("held", now -> now.sum("refrain_memory_used_bytes", "pool", "heap"));
    columns.put("lag", now -> now.sum("refrain_event_loop_lag_seconds"));
    columns.put("entries", now -> now.sum("refrain_memory_cache_entries"));
    columns.put("bytes", now -> now.sum("refrain_memory_cache_size_bytes"));
    return columns;
  }

  /** Takes a sample; to be called each {@link #PERIOD}, from one period after the start. */
  synchronized void sample() {
    MetricReadings readings = MetricReadings.of(registry);
    long at = clock.getAsLong();
    if (samples.size() == MOST) {
      samples.removeFirst();
    }
    if (whole.size() == WHOLE) {
      whole.removeFirst();
    }
    samples.addLast(sample(at, readings));
    whole.addLast(Snapshot.of(readings, at));
  }

  private static Sample sample(long at, MetricReadings readings) {
    double[] values =
        COLUMNS.values().stream().mapToDouble(each -> each.applyAsDouble(readings)).toArray();
    return new Sample(at, values);
  }

  /** The state of the page now, with {@code problems}. */
  JsonObject now() {
    MetricReadings readings = MetricReadings.of(registry);
    long at = clock.getAsLong();
    return Snapshot.of(readings, at).put("problems", problems(readings, at));
  }

  /** What is wrong now, the worst first: see {@link Problems}. */
  JsonArray problems() {
    return problems(MetricReadings.of(registry), clock.getAsLong());
  }

  private JsonArray problems(MetricReadings readings, long at) {
    Sample now = sample(at, readings);
    Sample then = before(at - RECENT);
    Sample longAgo = before(at - Problems.DRIFT_MINUTES * 60_000);
    return new Problems(
            readings,
            health.get(),
            name -> now.of(name) - then.of(name),
            RECENT / 1_000,
            Math.round(now.of("different") - longAgo.of("different")))
        .list();
  }

  /** The newest of those that are so old, or the oldest there is. */
  private synchronized Sample before(long time) {
    Sample found = samples.getFirst();
    for (Sample each : samples) {
      if (each.at > time) {
        break;
      }
      found = each;
    }
    return found;
  }

  /**
   * The samples of the last hour, the oldest first: {@code {"period":5000,"columns":["at",…],
   * "rows":[[…]],"whole":[…]}}; {@code whole} are the last of them as events of the page.
   */
  synchronized JsonObject past() {
    if (whole.isEmpty()) {
      sample();
    }
    JsonArray columns = new JsonArray().add("at");
    NAMES.forEach(columns::add);
    JsonArray rows = new JsonArray();
    for (Sample each : samples) {
      JsonArray row = new JsonArray().add(each.at);
      for (double value : each.values) {
        row.add(number(value));
      }
      rows.add(row);
    }
    return new JsonObject()
        .put("period", PERIOD)
        .put("columns", columns)
        .put("rows", rows)
        .put("whole", new JsonArray(List.copyOf(whole)));
  }

  // Shorter than with a fraction; most are whole.
  private static Number number(double value) {
    return value == Math.rint(value) ? (Number) (long) value : (Number) value;
  }
}
