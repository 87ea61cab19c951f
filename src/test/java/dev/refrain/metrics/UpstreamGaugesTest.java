package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
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
  void callsCountOnWhenAnotherUpstreamTakesTheNameOrComesBackToIt() {
    UpstreamGauges gauges = new UpstreamGauges(registry);
    gauges.bind("a", counting("first", () -> 7));
    gauges.bind("a", counting("first", () -> 8));
    assertThat(calls()).as("the same upstream").isEqualTo(8);
    gauges.bind("a", counting("second", () -> 2));
    assertThat(calls()).as("another upstream").isEqualTo(10);
    gauges.bind("a", counting("third", () -> 1));
    assertThat(calls()).isEqualTo(11);
    gauges.retain(List.of());
    gauges.bind("a", counting("fourth", () -> 4));
    assertThat(calls()).as("configured again").isEqualTo(15);
  }

  private double calls() {
    return value("refrain_upstream_tries_total{upstream=\"a\"}");
  }

  private static UpstreamGauges.Readings counting(Object subject, LongSupplier tries) {
    return new UpstreamGauges.Readings(subject, () -> "closed", () -> 0, () -> 0, () -> 0, tries);
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

  @Test
  void whoTakesTheNameOfAnotherIsReadInItsPlaceWhileScrapesGoOn() {
    UpstreamGauges gauges = new UpstreamGauges(registry);
    AtomicBoolean over = new AtomicBoolean();
    CompletableFuture<Void> scrapes =
        CompletableFuture.runAsync(
            () -> {
              while (!over.get()) {
                registry.scrape();
              }
            });
    for (int i = 0; i < 2_000; i++) {
      int active = i;
      gauges.bind("a", readings(() -> active));
    }
    over.set(true);
    scrapes.join();

    assertThat(value("refrain_upstream_active{upstream=\"a\"}")).isEqualTo(1_999);
    gauges.retain(List.of("b"));
    assertThat(registry.scrape()).doesNotContain("upstream=\"a\"");
  }

  private UpstreamGauges.Readings readings(IntSupplier active) {
    return new UpstreamGauges.Readings(state, state::get, active, () -> 7, () -> 1, tries::get);
  }

  private void bind() {
    new UpstreamGauges(registry).bind("a", readings(() -> 2));
  }

  private double value(String series) {
    return Page.of(registry).value(series);
  }
}
