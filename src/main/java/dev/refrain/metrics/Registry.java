package dev.refrain.metrics;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Properties;

/** The registry that is scraped. */
public final class Registry {
  private Registry() {}

  /** A new one, without meters. */
  public static PrometheusMeterRegistry open() {
    return new PrometheusMeterRegistry(new Strict());
  }

  /**
   * Micrometer writes exemplars beside counts as well, of which OpenMetrics 1.0 does not know;
   * older versions of Prometheus then refuse the whole page.
   */
  private static final class Strict implements PrometheusConfig {
    @Override
    public Properties prometheusProperties() {
      Properties properties = new Properties();
      properties.setProperty("io.prometheus.exporter.exemplarsOnAllMetricTypes", "false");
      return properties;
    }

    @Override
    public String get(String key) {
      return null; // everything else as it comes
    }
  }
}
