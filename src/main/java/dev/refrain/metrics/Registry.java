package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Properties;
import java.util.function.LongSupplier;

/** The registry that Prometheus scrapes, and the meters of the program itself. */
public final class Registry {
  private Registry() {}

  /** A new one, without meters. */
  public static PrometheusMeterRegistry open() {
    return new PrometheusMeterRegistry(new Strict());
  }

  /** Registers {@code refrain_build_info}: always 1, with the version as a label. */
  public static void registerBuildInfo(MeterRegistry registry, String version) {
    Gauge.builder("refrain.build.info", () -> 1)
        .description("The version that runs")
        .tag("version", version)
        .register(registry);
  }

  /**
   * Registers {@code refrain_log_events_dropped_total}.
   *
   * @param dropped number of messages dropped so far; read by the thread that scrapes
   */
  public static void registerDroppedLogEvents(MeterRegistry registry, LongSupplier dropped) {
    // The counter holds the object that it reads only weakly, so that object is the registry.
    FunctionCounter.builder("refrain.log.events.dropped", registry, r -> dropped.getAsLong())
        .description("Messages that found no room in the queue before the log")
        .register(registry);
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
