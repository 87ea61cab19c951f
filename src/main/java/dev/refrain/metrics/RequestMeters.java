package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts requests by status, framing and source, and times them by the latter two. */
final class RequestMeters {
  /** The label of requests that were refused before their endpoint was known. */
  private static final String NO_ENDPOINT = "none";

  private static final String NO_SOURCE = "none";

  private final Exemplars exemplars;
  private final Map<Framing, Map<Source, Cell>> answered;
  private final Map<Framing, Cell> unanswered;
  private final Map<String, Counts> counts = new HashMap<>();
  private final Map<Source, Timer> overheads;
  private final Map<Phase, Counter> disconnects;

  RequestMeters(MeterRegistry registry, Exemplars exemplars, List<Endpoint> endpoints) {
    counts.put(NO_ENDPOINT, new Counts(registry, NO_ENDPOINT));
    for (Endpoint endpoint : endpoints) {
      counts.put(endpoint.label(), new Counts(registry, endpoint.label()));
    }
    this.exemplars = exemplars;
    answered =
        Labels.each(
            Framing.class,
            framing ->
                Labels.each(Source.class, source -> cell(registry, framing, source.label())));
    unanswered = Labels.each(Framing.class, framing -> cell(registry, framing, NO_SOURCE));
    overheads = Labels.each(Source.class, source -> overhead(registry, source));
    disconnects = Labels.each(Phase.class, phase -> disconnects(registry, phase));
  }

  void delayed(Source source, long nanos) {
    overheads.get(source).record(nanos, TimeUnit.NANOSECONDS);
  }

  void disconnected(Phase phase) {
    disconnects.get(phase).increment();
  }

  void finished(
      Endpoint endpoint, int status, Framing framing, Source source, long nanos, String trace) {
    Counts known = endpoint == null ? null : counts.get(endpoint.label());
    (known == null ? counts.get(NO_ENDPOINT) : known).count(status, framing, source);
    Cell cell = source == null ? unanswered.get(framing) : answered.get(framing).get(source);
    exemplars.record(cell.duration, nanos, trace);
  }

  private static Timer overhead(MeterRegistry registry, Source source) {
    return Buckets.OVERHEAD
        .timer("refrain.overhead")
        .description("Time of an answer beside what was waited for the upstream")
        .tag("source", source.label())
        .register(registry);
  }

  private static Counter disconnects(MeterRegistry registry, Phase phase) {
    return Labels.counter(
        registry,
        "refrain.disconnects",
        "Clients that left before the end of the response, by phase",
        "phase",
        Labels.of(phase));
  }

  private Cell cell(MeterRegistry registry, Framing framing, String source) {
    String[] labels = {"framing", Labels.of(framing), "source", source};
    return new Cell(
        Buckets.REQUEST
            .timer("refrain.request.duration")
            .description("Whole time of a request, to the last byte of its answer")
            .tags(labels)
            .register(exemplars.registry()));
  }

  private record Cell(Timer duration) {}

  /** Counts the requests to one endpoint. */
  private static final class Counts {
    private final Map<Framing, Map<Source, Map<StatusClass, Counter>>> answered;
    private final Map<Framing, Map<StatusClass, Counter>> unanswered;

    Counts(MeterRegistry registry, String endpoint) {
      answered =
          Labels.each(
              Framing.class,
              framing ->
                  Labels.each(
                      Source.class,
                      source -> statuses(registry, endpoint, framing, source.label())));
      unanswered =
          Labels.each(Framing.class, framing -> statuses(registry, endpoint, framing, NO_SOURCE));
    }

    void count(int status, Framing framing, Source source) {
      Map<StatusClass, Counter> statuses =
          source == null ? unanswered.get(framing) : answered.get(framing).get(source);
      statuses.get(StatusClass.of(status)).increment();
    }

    private static Map<StatusClass, Counter> statuses(
        MeterRegistry registry, String endpoint, Framing framing, String source) {
      return Labels.each(
          StatusClass.class,
          status ->
              Counter.builder("refrain.requests")
                  .description("Requests done")
                  .tag("endpoint", endpoint)
                  .tag("framing", Labels.of(framing))
                  .tag("source", source)
                  .tag("status", status.label())
                  .register(registry));
    }
  }
}
