package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class KeyMetersTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final KeyMeters meters = new KeyMeters(registry);
  private final AtomicLong requests = new AtomicLong();

  private void bind(String name) {
    AtomicLong refused = new AtomicLong(3);
    meters.bind(
        name, new KeyMeters.Readings(requests::get, () -> 12, Map.of("tokens", refused::get)));
  }

  @Test
  void whatAKeyCostIsAskedWhenScrapedAndForAsLongAsItIsThere() {
    bind("a");
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return garbage.get() == null;
            });
    requests.set(5);

    assertThat(value("refrain_key_requests_total{key=\"a\"}")).isEqualTo(5);
    assertThat(value("refrain_key_tokens_total{key=\"a\"}")).isEqualTo(12);
    assertThat(value("refrain_key_refusals_total{key=\"a\",reason=\"tokens\"}")).isEqualTo(3);
  }

  @Test
  void aKeyThatIsGoneHasNoSeriesAndOneThatStaysKeepsItsOwn() {
    requests.set(5);
    bind("a");
    bind("b");
    bind("b");
    meters.retain(List.of("b", "c"));

    assertThat(Page.of(registry).series().keySet())
        .containsExactlyInAnyOrder(
            "refrain_key_requests_total{key=\"b\"}",
            "refrain_key_tokens_total{key=\"b\"}",
            "refrain_key_refusals_total{key=\"b\",reason=\"tokens\"}");
    assertThat(value("refrain_key_requests_total{key=\"b\"}")).isEqualTo(5);
  }

  private double value(String series) {
    return Page.of(registry).value(series);
  }
}
