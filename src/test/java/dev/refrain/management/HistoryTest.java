package dev.refrain.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The process remembers an hour of the page's figures, and says what is wrong now. */
class HistoryTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicLong clock = new AtomicLong(1_000_000);
  private JsonObject report = JsonObject.of("status", "UP");
  private final History history =
      new History(registry.getPrometheusRegistry(), () -> report, clock::get);

  @Test
  void anHourIsKeptAndNoMore() {
    Counter hits =
        Counter.builder("refrain.requests")
            .tags("source", "memory", "status", "2xx")
            .register(registry);
    for (int i = 0; i < History.MOST + 5; i++) {
      hits.increment();
      sample();
    }
    JsonArray rows = history.past().getJsonArray("rows");
    int memory = history.past().getJsonArray("columns").getList().indexOf("requests.memory");

    assertThat(rows.size()).isEqualTo(History.MOST).isEqualTo(3_600_000 / History.PERIOD);
    assertThat(rows.getJsonArray(0).getDouble(memory)).isEqualTo(6);
    assertThat(rows.getJsonArray(rows.size() - 1).getDouble(memory)).isEqualTo(725);
    assertThat(history.past().getJsonArray("whole").size()).isEqualTo(15);
    assertThat(history.past().toBuffer().length()).isLessThan(200_000);
  }

  @Test
  void whatIsCountedBeforeTheFirstPeriodIsOverIsNotLost() {
    Counter.builder("refrain.requests")
        .tags("source", "none", "status", "5xx")
        .register(registry)
        .increment(2);
    clock.addAndGet(1_000);

    assertThat(problems()).isEqualTo("failed_requests");
    JsonObject past = history.past();
    int none = past.getJsonArray("columns").getList().indexOf("requests.none");
    assertThat(past.getJsonArray("rows").getJsonArray(0).getDouble(none)).isZero();
    assertThat(past.getJsonArray("rows").getJsonArray(1).getDouble(none)).isEqualTo(2);
    assertThat(past.getJsonArray("whole").size()).isOne();
  }

  @Test
  void nothingIsWrongWhenAllIsWell() {
    sample();
    assertThat(history.problems()).isEmpty();
    assertThat(history.now().getJsonArray("problems")).isEmpty();
  }

  @Test
  void whatFailedOfLateIsAProblemUntilItIsPast() {
    Counter failed =
        Counter.builder("refrain.requests")
            .tags("source", "none", "status", "5xx")
            .register(registry);
    sample();
    failed.increment(3);

    assertThat(problems()).isEqualTo("failed_requests");
    assertThat(history.problems().getJsonObject(0).getString("text"))
        .isEqualTo("3 of the requests answered 5xx in the last 20 s");
    for (int i = 0; i < 5; i++) {
      sample();
    }
    assertThat(problems()).isEmpty();
  }

  @Test
  void theBannerClearsByItself() {
    AtomicReference<Double> up = new AtomicReference<>(0.0);
    Supplier<Number> value = up::get;
    Gauge.builder("refrain.redis.up", value).register(registry);
    Gauge.builder("refrain.redis.breaker.state", value).tag("state", "closed").register(registry);

    assertThat(problems()).isEqualTo("redis_away");
    up.set(1.0);
    assertThat(problems()).isEmpty();
  }

  @Test
  void aDiskThatFailsIsAProblemUntilItIsUp() {
    report = JsonObject.of("status", "UP", "disk", JsonObject.of("state", "read_only"));
    assertThat(problems()).isEqualTo("disk_read_only");
    assertThat(history.problems().getJsonObject(0).getString("text"))
        .startsWith("The disk of the cache is read-only");

    report = JsonObject.of("status", "UP", "disk", JsonObject.of("state", "up"));
    assertThat(problems()).isEmpty();
  }

  @Test
  void anOpenCircuitIsNamedWithItsReason() {
    report =
        JsonObject.of(
            "status",
            "UP",
            "upstreams",
            JsonObject.of("b", JsonObject.of("breaker", "open", "cause", "does not answer")));

    assertThat(history.problems().getJsonObject(0).getString("text"))
        .isEqualTo("Upstream b: circuit breaker open, because it does not answer");
  }

  @Test
  void aRejectedConfigurationIsAProblemAndItsTextIsNotShown() {
    report =
        JsonObject.of(
            "status",
            "DRAINING",
            "configuration",
            JsonObject.of("status", "REFUSED", "refusal", "secret"));

    assertThat(problems()).isEqualTo("not_ready configuration_refused");
    assertThat(history.problems().encode()).doesNotContain("secret");
  }

  @Test
  void fullMemoryAndALateEventLoopAreProblems() {
    Gauge.builder("refrain.memory.used.bytes", () -> 90).tag("pool", "heap").register(registry);
    Gauge.builder("refrain.memory.budget.bytes", () -> 100).tag("pool", "heap").register(registry);
    Gauge.builder("refrain.event.loop.lag.seconds", () -> 1.3).register(registry);

    assertThat(problems()).isEqualTo("memory_full event_loop_late");
  }

  private void sample() {
    clock.addAndGet(History.PERIOD);
    history.sample();
  }

  private String problems() {
    StringBuilder all = new StringBuilder();
    for (Object each : history.problems()) {
      all.append(all.isEmpty() ? "" : " ").append(((JsonObject) each).getString("problem"));
    }
    return all.toString();
  }
}
