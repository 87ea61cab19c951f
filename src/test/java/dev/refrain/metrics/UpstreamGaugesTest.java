package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class UpstreamGaugesTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicReference<String> state = new AtomicReference<>("closed");
  private final AtomicLong tries = new AtomicLong(7);

  @Test
  void anUpstreamIsInOneStateAtATime() {
    bind();
    assertThat(value("refrain_upstream_state{state=\"closed\",upstream=\"a\"}")).isEqualTo(1);
    assertThat(value("refrain_upstream_state{state=\"open\",upstream=\"a\"}")).isZero();

    state.set("half-open");

    assertThat(value("refrain_upstream_state{state=\"closed\",upstream=\"a\"}")).isZero();
    assertThat(value("refrain_upstream_state{state=\"half-open\",upstream=\"a\"}")).isEqualTo(1);
  }

  @Test
  void whatItHasToDoIsAskedWhenScraped() {
    bind();
    assertThat(value("refrain_upstream_active{upstream=\"a\"}")).isEqualTo(2);
    assertThat(value("refrain_upstream_waiting{upstream=\"a\"}")).isEqualTo(1);
    assertThat(value("refrain_upstream_tries_total{upstream=\"a\"}")).isEqualTo(7);

    tries.set(8);

    assertThat(value("refrain_upstream_tries_total{upstream=\"a\"}")).isEqualTo(8);
  }

  @Test
  void whatIsAskedIsKeptForAsLongAsTheRegistry() {
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    bind();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              return garbage.get() == null;
            });
    assertThat(value("refrain_upstream_tries_total{upstream=\"a\"}")).isEqualTo(7);
    assertThat(value("refrain_upstream_active{upstream=\"a\"}")).isEqualTo(2);
    assertThat(value("refrain_upstream_state{state=\"closed\",upstream=\"a\"}")).isEqualTo(1);
  }

  private void bind() {
    new UpstreamGauges(registry).bind("a", state::get, () -> 2, () -> 7, () -> 1, tries::get);
  }

  private double value(String series) {
    return Page.of(registry).value(series);
  }
}
