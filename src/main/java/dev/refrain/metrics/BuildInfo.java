package dev.refrain.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** {@code refrain_build_info}: always 1, for what its labels say. */
public final class BuildInfo {
  private BuildInfo() {}

  /** Says which version runs. */
  public static void register(MeterRegistry registry, String version) {
    Gauge.builder("refrain.build.info", () -> 1)
        .description("The version that runs")
        .tag("version", version)
        .register(registry);
  }
}
