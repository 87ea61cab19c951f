package dev.refrain.tracing;

import dev.refrain.settings.Check;
import java.net.URI;

/**
 * Section {@code tracing}: OpenTelemetry traces.
 *
 * @param endpoint base URL of an OTLP/HTTP collector, without a slash at the end; empty is no
 *     tracing
 * @param ratio part of the traces begun here that is exported, 0 to 1; for a request that comes
 *     with a trace, its sender has decided
 */
public record TracingSettings(String endpoint, double ratio) {
  /** Checks the ranges. */
  public TracingSettings {
    endpoint = endpoint == null ? "" : endpoint;
    Check.that(
        endpoint.isEmpty() || isBase(endpoint),
        "endpoint",
        "an http or https URL without user, query and fragment, or empty");
    Check.range("ratio", ratio, 0, 1);
    endpoint = endpoint.replaceFirst("/+$", "");
  }

  private static boolean isBase(String text) {
    try {
      return Check.isBase(URI.create(text));
    } catch (IllegalArgumentException notUrl) {
      return false;
    }
  }

  /** Whether there are traces. */
  public boolean isOn() {
    return !endpoint.isEmpty();
  }
}
