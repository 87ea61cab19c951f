package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Outcomes of configuration reloads: {@code refrain_config_reloads_total{outcome}}, {@code
 * refrain_config_last_reload_successful}, {@code _success_timestamp_seconds} and {@code
 * refrain_config_pending_keys}; and {@code refrain_ready}. Safe on any thread.
 */
public final class ConfigMeters {
  private static final double MILLIS = 1e3;

  private final Counter applied;
  private final Counter refused;
  private volatile boolean successful = true;
  private volatile long succeededAt = System.currentTimeMillis();
  private volatile int pending;

  /**
   * Registers them; the configuration of the start is a success, and no reload.
   *
   * @param ready whether this replica accepts requests; read at each scrape
   */
  public ConfigMeters(MeterRegistry registry, BooleanSupplier ready) {
    applied = reloads(registry, "applied");
    refused = reloads(registry, "refused");
    gauge(
        registry,
        "refrain.config.last.reload.successful",
        "1 if the latest configuration was taken up",
        () -> successful ? 1 : 0);
    gauge(
        registry,
        "refrain.config.last.reload.success.timestamp.seconds",
        "When one was taken up last",
        () -> succeededAt / MILLIS);
    gauge(
        registry,
        "refrain.config.pending.keys",
        "Changed keys that wait for the next start",
        () -> pending);
    gauge(
        registry,
        "refrain.ready",
        "1 if this replica accepts requests",
        () -> ready.getAsBoolean() ? 1 : 0);
  }

  private static Counter reloads(MeterRegistry registry, String result) {
    return Labels.counter(
        registry,
        "refrain.config.reloads",
        "Configurations that were to be taken up while running",
        "outcome",
        result);
  }

  private static void gauge(
      MeterRegistry registry, String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).register(registry);
  }

  /**
   * A configuration was taken up, as far as that goes.
   *
   * @param waiting keys that wait for the next start
   */
  public void applied(int waiting) {
    successful = true;
    succeededAt = System.currentTimeMillis();
    pending = waiting;
    applied.increment();
  }

  /** A configuration could not be taken up. */
  public void refused() {
    successful = false;
    refused.increment();
  }
}
