package dev.refrain.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

final class JvmMetersTest {
  @Test
  void theProcessIsSeenUnderTheUsualNamesAndNoOthers() {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    try (JvmMeters jvm = new JvmMeters(registry)) {
      assertThat(jvm).isNotNull();

      Page page = Page.of(registry);

      assertThat(page.series().keySet())
          .isNotEmpty()
          .allSatisfy(series -> assertThat(series).matches("(jvm|process)_.*"));
      assertThat(page.value("jvm_threads_live_threads")).isPositive();
      assertThat(page.value("process_uptime_seconds")).isPositive();
    }
  }
}
