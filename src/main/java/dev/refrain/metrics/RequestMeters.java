package dev.refrain.metrics;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts requests by endpoint, rule, status, framing and source, and times them by the last two.
 */
final class RequestMeters {
  /** The label of requests that were refused before their endpoint was known. */
  private static final String NO_ENDPOINT = "none";

  private static final String NO_SOURCE = "none";

  private final Exemplars exemplars;
  private final MeterRegistry registry;
  private final List<Endpoint> endpoints;
  private final Map<Framing, Map<Source, Timer>> answered;
  private final Map<Framing, Timer> unanswered;
  private final Map<String, RequestCounters> defaults;
  // Names of rules come from the configuration, so there are few.
  private final Map<String, Map<String, RequestCounters>> rules = new ConcurrentHashMap<>();
  private final Map<Source, Timer> overheads;
  private final Map<Phase, Counter> disconnects;

  RequestMeters(MeterRegistry registry, Exemplars exemplars, List<Endpoint> endpoints) {
    this.registry = registry;
    this.endpoints = endpoints;
    defaults = counters(CachePolicy.NO_RULE);
    this.exemplars = exemplars;
    answered =
        Labels.each(
            Framing.class,
            framing -> Labels.each(Source.class, source -> duration(framing, source.label())));
    unanswered = Labels.each(Framing.class, framing -> duration(framing, NO_SOURCE));
    overheads = Labels.each(Source.class, source -> overhead(registry, source));
    disconnects = Labels.each(Phase.class, phase -> disconnects(registry, phase));
  }

  void delayed(Source source, long nanos) {
    overheads.get(source).record(nanos, TimeUnit.NANOSECONDS);
  }

  void disconnected(Phase phase) {
    disconnects.get(phase).increment();
  }

  void finished(FinishedRequest request) {
    String rule = request.rule();
    Endpoint endpoint = request.endpoint();
    Framing framing = request.framing();
    Source source = request.source();
    Map<String, RequestCounters> counters =
        rule.isEmpty() ? defaults : rules.computeIfAbsent(rule, this::counters);
    RequestCounters known = endpoint == null ? null : counters.get(endpoint.label());
    (known == null ? counters.get(NO_ENDPOINT) : known).count(request.status(), framing, source);
    Timer timer = source == null ? unanswered.get(framing) : answered.get(framing).get(source);
    exemplars.record(timer, request.nanos(), request.trace());
  }

  private Map<String, RequestCounters> counters(String rule) {
    Map<String, RequestCounters> counters = new HashMap<>();
    counters.put(NO_ENDPOINT, new RequestCounters(registry, NO_ENDPOINT, rule));
    for (Endpoint endpoint : endpoints) {
      counters.put(endpoint.label(), new RequestCounters(registry, endpoint.label(), rule));
    }
    return counters;
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

  private Timer duration(Framing framing, String source) {
    return Buckets.REQUEST
        .timer("refrain.request.duration")
        .description("Whole time of a request, to the last byte of its answer")
        .tags("framing", Labels.of(framing), "source", source)
        .register(exemplars.registry());
  }

  /** Counts the requests to one endpoint under one rule, by status, framing and source. */
  private static final class RequestCounters {
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
}
