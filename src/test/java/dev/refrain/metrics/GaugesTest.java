package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class GaugesTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Gauges gauges = new Gauges(registry);

  @Test
  void everyGaugeIsZeroBeforeAnythingIsBound() {
    Page page = Page.of(registry);

    assertThat(page.value("refrain_flights")).isZero();
    assertThat(page.value("refrain_memory_cache_entries")).isZero();
    assertThat(page.value("refrain_memory_cache_size_bytes")).isZero();
  }

  @Test
  void flightsAreTheSumOverAllEventLoopsWhenScraped() {
    AtomicInteger one = new AtomicInteger(1);
    AtomicInteger other = new AtomicInteger(4);
    gauges.bindFlights(one::get);
    gauges.bindFlights(other::get);
    assertThat(Page.of(registry).value("refrain_flights")).isEqualTo(5);

    one.set(0);

    assertThat(Page.of(registry).value("refrain_flights")).isEqualTo(4);
  }

  @Test
  void theMemoryCacheShowsHowManyAnswersItHoldsAndWhatTheyWeigh() {
    gauges.bindMemoryCache(() -> 3, () -> 2_500);

    assertThat(Page.of(registry).value("refrain_memory_cache_entries")).isEqualTo(3);
    assertThat(Page.of(registry).value("refrain_memory_cache_size_bytes")).isEqualTo(2_500);
  }
}
