package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class RedisGaugesTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final RedisGauges gauges = new RedisGauges(registry);

  @Test
  void withoutAConnectionThereIsNoGauge() {
    assertThat(registry.scrape()).doesNotContain("refrain_redis");
  }

  @Test
  void eachIsTheShareOfEventLoopsOfWhichItIsTrueWhenScraped() {
    AtomicBoolean up = new AtomicBoolean();
    AtomicReference<String> breaker = new AtomicReference<>("open");
    gauges.bind(() -> true, () -> "closed", () -> 1.5);
    gauges.bind(up::get, breaker::get, () -> 1.5);
    assertValue("refrain_redis_up", 0.5);
    assertValue("refrain_redis_breaker_state{state=\"closed\"}", 0.5);
    assertValue("refrain_redis_breaker_state{state=\"open\"}", 0.5);
    assertValue("refrain_redis_breaker_state{state=\"half-open\"}", 0);

    up.set(true);
    breaker.set("half-open");

    assertValue("refrain_redis_up", 1);
    assertValue("refrain_redis_breaker_state{state=\"open\"}", 0);
    assertValue("refrain_redis_breaker_state{state=\"half-open\"}", 0.5);
  }

  private void assertValue(String series, double expected) {
    assertThat(Page.of(registry).value(series)).as(series).isEqualTo(expected);
  }
}
