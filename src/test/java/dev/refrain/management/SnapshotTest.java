package dev.refrain.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the registry says is what the page is told, added up. */
class SnapshotTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  @Test
  void countersAreAddedUpByWhoAnswered() {
    count("refrain.requests", 3, "source", "memory", "framing", "whole", "status", "2xx");
    count("refrain.requests", 4, "source", "memory", "framing", "stream", "status", "2xx");
    count("refrain.requests", 2, "source", "upstream", "framing", "whole", "status", "5xx");
    count("refrain.requests", 1, "source", "none", "framing", "whole", "status", "5xx");
    count("refrain.tokens", 10, "source", "redis", "type", "prompt", "model", "a");
    count("refrain.tokens", 20, "source", "redis", "type", "completion", "model", "b");

    JsonObject now = now();

    assertThat(now.getJsonObject("requests"))
        .isEqualTo(
            new JsonObject()
                .put("upstream", 2.0)
                .put("memory", 7.0)
                .put("disk", 0.0)
                .put("redis", 0.0)
                .put("flight", 0.0)
                .put("none", 1.0));
    assertThat(now.getDouble("failed")).isEqualTo(3);
    assertThat(now.getJsonObject("tokens").getDouble("redis")).isEqualTo(30);
    assertThat(now.getJsonObject("tokens").getDouble("upstream")).isZero();
  }

  @Test
  void lookUpsAreByTierAndResultAndBypassesByReason() {
    count("refrain.cache.lookups", 5, "tier", "redis", "outcome", "error");
    count("refrain.bypass", 6, "reason", "sampled");

    JsonObject now = now();

    assertThat(now.getJsonObject("lookups").getJsonObject("redis").getDouble("error")).isEqualTo(5);
    assertThat(now.getJsonObject("lookups").getJsonObject("memory").getDouble("hit")).isZero();
    assertThat(now.getJsonObject("bypass").getDouble("sampled")).isEqualTo(6);
  }

  @Test
  void moneyIsByCurrencyAndIsNotThereWithoutAPrice() {
    assertThat(now().getJsonArray("money")).isEmpty();
    count("refrain.cost", 1.5, "source", "upstream", "model", "a", "currency", "EUR");
    count("refrain.cost", 0.5, "source", "memory", "model", "a", "currency", "EUR");
    count("refrain.cost", 4, "source", "flight", "model", "b", "currency", "EUR");

    JsonObject euros = now().getJsonArray("money").getJsonObject(0);

    assertThat(euros.getString("currency")).isEqualTo("EUR");
    assertThat(euros.getDouble("paid")).isEqualTo(1.5);
    assertThat(euros.getDouble("saved")).isEqualTo(4.5);
  }

  @Test
  void histogramsAreCumulativeAndTheLastBucketIsAll() {
    time("refrain.request.duration", 5, "source", "memory", "framing", "whole");
    time("refrain.request.duration", 50, "source", "memory", "framing", "stream");
    time("refrain.request.duration", 5_000, "source", "memory", "framing", "stream");
    time("refrain.time.to.first.token", 50);

    JsonObject latency = now().getJsonObject("latency");

    assertThat(latency.getJsonArray("bounds")).isEqualTo(new JsonArray(List.of(0.01, 0.1)));
    assertThat(latency.getJsonObject("by").getJsonArray("memory"))
        .isEqualTo(new JsonArray(List.of(1L, 2L, 3L)));
    assertThat(latency.getJsonObject("by").getJsonArray("redis"))
        .isEqualTo(new JsonArray(List.of(0L)));
    assertThat(now().getJsonObject("firstToken").getJsonArray("counts"))
        .isEqualTo(new JsonArray(List.of(0L, 1L, 1L)));
  }

  @Test
  void anUpstreamIsWhatItsStateIs() {
    gauge("refrain.upstream.state", 0, "upstream", "b", "state", "closed");
    gauge("refrain.upstream.state", 1, "upstream", "b", "state", "half-open");
    gauge("refrain.upstream.state", 1, "upstream", "a", "state", "closed");
    gauge("refrain.upstream.active", 3, "upstream", "b");
    FunctionCounter.builder("refrain.upstream.tries", registry, any -> 7)
        .tag("upstream", "b")
        .register(registry);

    JsonArray upstreams = now().getJsonArray("upstreams");

    assertThat(upstreams).hasSize(2);
    assertThat(upstreams.getJsonObject(0).getString("name")).isEqualTo("a");
    assertThat(upstreams.getJsonObject(1))
        .isEqualTo(
            new JsonObject()
                .put("name", "b")
                .put("state", "half-open")
                .put("active", 3.0)
                .put("waiting", 0.0)
                .put("tries", 7.0));
  }

  @Test
  void aGaugeThatIsNoNumberIsNone() {
    gauge("refrain.flights", Double.NaN);

    assertThat(now().getDouble("flights")).isZero();
  }

  @Test
  void theClockAndTheStartAreInMilliseconds() {
    gauge("process.start.time.seconds", 1.5);

    assertThat(now().getLong("at")).isEqualTo(77);
    assertThat(now().getLong("started")).isEqualTo(1500);
  }

  private JsonObject now() {
    return Snapshot.of(MetricReadings.of(registry.getPrometheusRegistry()), 77);
  }

  @Test
  void theVersionIsTheLabelOfTheBuild() {
    assertThat(now().getString("version")).isEmpty();
    gauge("refrain.build.info", 1, "version", "1.2.3");

    assertThat(now().getString("version")).isEqualTo("1.2.3");
  }

  @Test
  void histogramsOfAnotherRegistryOnTheSamePageAreThere() {
    PrometheusMeterRegistry beside =
        new PrometheusMeterRegistry(
            PrometheusConfig.DEFAULT, registry.getPrometheusRegistry(), Clock.SYSTEM);
    Timer.builder("refrain.overhead")
        .serviceLevelObjectives(Duration.ofMillis(10))
        .register(beside)
        .record(Duration.ofMillis(1));

    assertThat(now().getJsonObject("overhead").getJsonArray("counts"))
        .isEqualTo(new JsonArray(List.of(1L, 1L)));
  }

  private void count(String name, double by, String... labels) {
    Counter.builder(name).tags(labels).register(registry).increment(by);
  }

  private void gauge(String name, double value, String... labels) {
    Gauge.builder(name, () -> value).tags(labels).register(registry);
  }

  private void time(String name, long millis, String... labels) {
    Timer.builder(name)
        .serviceLevelObjectives(Duration.ofMillis(10), Duration.ofMillis(100))
        .tags(labels)
        .register(registry)
        .record(Duration.ofMillis(millis));
  }
}
