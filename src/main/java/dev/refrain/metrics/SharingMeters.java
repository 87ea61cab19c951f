package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Observer.FleetOutcome;
import dev.refrain.inference.Observer.FlightOutcome;
import dev.refrain.inference.Sharing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;

/** Counts which requests share a call, which do not, and what becomes of shared calls. */
final class SharingMeters {
  private final PerEndpoint<Map<Sharing.Reason, Counter>> bypassed;
  private final PerEndpoint<Counter> collapsed;
  private final Map<FlightOutcome, Counter> flights;
  private final Map<FleetOutcome, Counter> fleet;

  SharingMeters(MeterRegistry registry, List<Endpoint> endpoints) {
    bypassed =
        new PerEndpoint<>(
            endpoints,
            endpoint ->
                Labels.each(Sharing.Reason.class, reason -> bypass(registry, endpoint, reason)));
    collapsed = new PerEndpoint<>(endpoints, endpoint -> collapsed(registry, endpoint));
    flights =
        Labels.counters(
            registry,
            FlightOutcome.class,
            "refrain.flights.completed",
            "Shared calls that have ended, by outcome",
            "outcome");
    fleet =
        Labels.counters(
            registry,
            FleetOutcome.class,
            "refrain.fleet",
            "Calls that replicas can share, by outcome",
            "outcome");
  }

  void bypassed(Endpoint endpoint, Sharing.Reason reason) {
    bypassed.of(endpoint).get(reason).increment();
  }

  void collapsed(Endpoint endpoint) {
    collapsed.of(endpoint).increment();
  }

  void flightCompleted(FlightOutcome outcome) {
    flights.get(outcome).increment();
  }

  void fleet(FleetOutcome outcome) {
    fleet.get(outcome).increment();
  }

  private static Counter collapsed(MeterRegistry registry, String endpoint) {
    return Labels.counter(
        registry,
        "refrain.collapsed",
        "Requests that joined a call on its way",
        "endpoint",
        endpoint);
  }

  private static Counter bypass(MeterRegistry registry, String endpoint, Sharing.Reason reason) {
    return Labels.counter(
        registry,
        "refrain.bypass",
        "Requests that bypassed the cache, by reason",
        "endpoint",
        endpoint,
        "reason",
        reason.label());
  }
}
