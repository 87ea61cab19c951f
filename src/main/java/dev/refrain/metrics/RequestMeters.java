package dev.refrain.metrics;

import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Counts requests by status, framing and source, and times them by the latter two. */
final class RequestMeters {
  private static final String NO_SOURCE = "none";

  private final Exemplars exemplars;
  private final Map<Framing, Map<Source, Cell>> answered;
  private final Map<Framing, Cell> unanswered;
  private final Map<Source, Timer> overheads;
  private final Map<Phase, Counter> disconnects;

  RequestMeters(MeterRegistry registry, Exemplars exemplars) {
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

  void finished(int status, Framing framing, Source source, long nanos, String trace) {
    Cell cell = source == null ? unanswered.get(framing) : answered.get(framing).get(source);
    cell.statuses.get(StatusClass.of(status)).increment();
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
        Labels.each(StatusClass.class, status -> counter(registry, status, labels)),
        Buckets.REQUEST
            .timer("refrain.request.duration")
            .description("Whole time of a request, to the last byte of its answer")
            .tags(labels)
            .register(exemplars.registry()));
  }

  private static Counter counter(MeterRegistry registry, StatusClass status, String... labels) {
    return Counter.builder("refrain.requests")
        .description("Requests done")
        .tags(labels)
        .tag("status", status.label())
        .register(registry);
  }

  private record Cell(Map<StatusClass, Counter> statuses, Timer duration) {}
}
