package dev.refrain.management;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * What is wrong now, for {@code /health} and the live page: {@code [{"problem":"redis_away",
 * "level":"warning","text":"…"}]}, empty if all is well. An {@code error} costs answers, a {@code
 * warning} costs hits or time, an {@code info} waits for the operator. It names upstreams, and
 * nothing else that the configuration says.
 *
 * @param now current readings
 * @param health the report of {@link ManagementServices.HealthStatus}
 * @param grown by how much a counter of {@link History} has grown of late
 * @param seconds how long that is
 * @param different stored answers that differed from new ones in the last {@link #DRIFT_MINUTES}
 */
record Problems(
    MetricReadings now,
    JsonObject health,
    ToDoubleFunction<String> grown,
    long seconds,
    long different) {
  /** Verifications are rare, so drift is a problem for longer than other events. */
  static final int DRIFT_MINUTES = 10;

  private static final double FULL = 7 / 8.0;
  private static final double LATE = 0.5;

  JsonArray list() {
    JsonArray all = new JsonArray();
    readiness(all);
    upstreams(all);
    grown(all, "failed", "error", "failed_requests", "%s of the requests answered 5xx");
    memory(all);
    lag(all);
    redis(all);
    disk(all);
    grown(
        all, "dropped", "warning", "stores_dropped", "%s answers not stored: no room, or no tier");
    grown(
        all, "retried", "warning", "upstream_retries", "%s upstream calls failed and were retried");
    drift(all);
    configuration(all);
    return all;
  }

  private static void add(JsonArray all, String level, String problem, String text) {
    all.add(JsonObject.of("problem", problem, "level", level, "text", text));
  }

  private void grown(JsonArray all, String counter, String level, String problem, String text) {
    long by = Math.round(grown.applyAsDouble(counter));
    if (by > 0) {
      String what = String.format(Locale.ROOT, text, by);
      add(all, level, problem, what + " in the last " + seconds + " s");
    }
  }

  private void drift(JsonArray all) {
    if (different > 0) {
      String text = "%d verified answers differ from the stored ones in the last %d min";
      add(all, "warning", "answers_drift", text.formatted(different, DRIFT_MINUTES));
    }
  }

  private void readiness(JsonArray all) {
    String status = health.getString("status", "UP");
    if (!status.equals("UP")) {
      add(all, "warning", "not_ready", "This replica is " + status.toLowerCase(Locale.ROOT));
    }
  }

  private void upstreams(JsonArray all) {
    JsonObject upstreams = health.getJsonObject("upstreams", new JsonObject());
    for (String name : upstreams.fieldNames()) {
      JsonObject upstream = upstreams.getJsonObject(name);
      String state = upstream.getString("breaker");
      if (!"closed".equals(state)) {
        add(
            all,
            "error",
            "upstream_" + state.replace('-', '_'),
            "Upstream %s: circuit breaker %s, because it %s"
                .formatted(name, state, upstream.getString("cause", "failed")));
      }
    }
  }

  private void memory(JsonArray all) {
    double used = now.sum("refrain_memory_used_bytes", "pool", "heap");
    double budget = now.sum("refrain_memory_budget_bytes", "pool", "heap");
    if (budget > 0 && used > budget * FULL) {
      String share = Math.round(100 * used / budget) + " %";
      add(all, "error", "memory_full", "The memory budget of requests is used to " + share);
    }
  }

  private void lag(JsonArray all) {
    double lag = now.sum("refrain_event_loop_lag_seconds");
    if (lag > LATE) {
      String millis = Math.round(lag * 1000) + " ms";
      add(
          all,
          "warning",
          "event_loop_late",
          "An event loop was late by " + millis + " in the last minute");
    }
  }

  private void redis(JsonArray all) {
    if (now.values("state", "refrain_redis_breaker_state").isEmpty()) {
      return; // there is none
    }
    if (now.sum("refrain_redis_up") < 1) {
      add(all, "warning", "redis_away", "Redis is away: nothing is shared between replicas");
    } else if (now.sum("refrain_redis_breaker_state", "state", "closed") < 1) {
      add(
          all,
          "warning",
          "redis_open",
          "The circuit breaker of Redis is open: it fails or is slow");
    }
  }

  private void disk(JsonArray all) {
    String state = health.getJsonObject("disk", new JsonObject()).getString("state", "up");
    if (!state.equals("up") && !state.equals("opening")) {
      String text = "The disk of the cache is %s: it costs hits or stores, and no answer";
      String shown = state.equals("failed") ? "failing" : state.replace('_', '-');
      add(all, "warning", "disk_" + state, text.formatted(shown));
    }
  }

  private void configuration(JsonArray all) {
    JsonObject configuration = health.getJsonObject("configuration", new JsonObject());
    if ("REFUSED".equals(configuration.getString("status"))) {
      add(
          all,
          "warning",
          "configuration_refused",
          "The latest configuration was rejected; the previous one stays in use");
    }
    JsonArray pending = configuration.getJsonArray("pending", new JsonArray());
    if (!pending.isEmpty()) {
      add(
          all,
          "info",
          "configuration_pending",
          "Changed settings that wait for a restart: " + pending.size());
    }
  }
}
