package dev.refrain.config;

import dev.refrain.settings.Check;
import java.net.URI;
import java.util.Optional;

/**
 * Section {@code tracing}: OpenTelemetry traces.
 *
 * @param endpoint base URL of a collector; empty is no tracing
 * @param ratio part of the traces that begin at Refrain and are exported
 */
public record TracingConfig(String endpoint, double ratio) {
  /** Checks the ranges. */
  public TracingConfig {
    endpoint = endpoint == null ? "" : endpoint;
    Check.that(
        endpoint.isEmpty() || isBase(endpoint),
        "endpoint",
        "an http or https URL without user, query and fragment, or empty");
    Check.range("ratio", ratio, 0, 1);
  }

  private static boolean isBase(String text) {
    try {
      BaseUrl.of("endpoint", URI.create(text));
      return true;
    } catch (IllegalArgumentException notUrl) {
      return false;
    }
  }

  /** The URL of the collector without a slash at the end; empty if there is none. */
  public Optional<String> collector() {
    return Optional.of(endpoint.replaceFirst("/+$", "")).filter(base -> !base.isEmpty());
  }
}
