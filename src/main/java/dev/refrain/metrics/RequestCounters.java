package dev.refrain.metrics;

import dev.refrain.inference.Framing;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;

/** Counts the requests to one endpoint under one rule, by status, framing and source. */
final class RequestCounters {
  private static final String NO_SOURCE = "none";

  private final Map<Framing, Map<Source, Map<StatusClass, Counter>>> answered;
  private final Map<Framing, Map<StatusClass, Counter>> unanswered;

  /** The counters for these values of the labels {@code endpoint} and {@code rule}. */
  RequestCounters(MeterRegistry registry, String endpoint, String rule) {
    answered =
        Labels.each(
            Framing.class,
            framing ->
                Labels.each(
                    Source.class,
                    source -> statuses(registry, endpoint, framing, source.label(), rule)));
    unanswered =
        Labels.each(
            Framing.class, framing -> statuses(registry, endpoint, framing, NO_SOURCE, rule));
  }

  void count(int status, Framing framing, Source source) {
    Map<StatusClass, Counter> statuses =
        source == null ? unanswered.get(framing) : answered.get(framing).get(source);
    statuses.get(StatusClass.of(status)).increment();
  }

  private static Map<StatusClass, Counter> statuses(
      MeterRegistry registry, String endpoint, Framing framing, String source, String rule) {
    return Labels.each(
        StatusClass.class,
        status ->
            Labels.counter(
                registry,
                "refrain.requests",
                "Requests done",
                "endpoint",
                endpoint,
                "framing",
                Labels.of(framing),
                "source",
                source,
                "status",
                status.label(),
                "rule",
                rule));
  }
}
