package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How each upstream is and what it has to do, asked when scraped. Names are the operator's own, so
 * they may be labels.
 *
 * <p>Threads: as for {@link Gauges}.
 */
public final class UpstreamGauges {
  /** What a circuit breaker may be. */
  private static final List<String> STATES = List.of("closed", "open", "half-open");

  private final MeterRegistry registry;
  private final Map<String, List<Meter>> bound = new HashMap<>();

  /** Registers nothing until an upstream is bound. */
  public UpstreamGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_upstream_state}, {@code _active}, {@code _limit}, {@code _waiting} and {@code
   * _tries_total}, in the place of what was bound by that name before.
   *
   * @param name of the upstream
   * @param state of its breaker: closed, open or half-open
   * @param active calls under way
   * @param limit most calls at once, as of now
   * @param waiting calls that wait for their turn
   * @param tries calls begun
   */
  public synchronized void bind(
      String name,
      Supplier<String> state,
      IntSupplier active,
      IntSupplier limit,
      IntSupplier waiting,
      LongSupplier tries) {
    remove(name);
    List<Meter> meters = new ArrayList<>();
    STATES.forEach(each -> meters.add(state(name, each, state)));
    meters.add(gauge("refrain.upstream.active", "Calls of an upstream under way", name, active));
    meters.add(
        gauge(
            "refrain.upstream.limit", "Most calls of an upstream at once, as of now", name, limit));
    meters.add(gauge("refrain.upstream.waiting", "Calls that wait for their turn", name, waiting));
    // A meter of this kind holds its object weakly, so the object is one that lives as long.
    meters.add(
        FunctionCounter.builder("refrain.upstream.tries", registry, r -> tries.getAsLong())
            .description("Calls of an upstream begun")
            .tag("upstream", name)
            .register(registry));
    bound.put(name, meters);
  }

  /** Shows no upstream any more but those of these names. */
  public synchronized void retain(Collection<String> names) {
    bound.keySet().stream().filter(name -> !names.contains(name)).toList().forEach(this::remove);
  }

  private void remove(String name) {
    List<Meter> meters = bound.remove(name);
    if (meters != null) {
      meters.forEach(registry::remove);
    }
  }

  private Meter state(String name, String each, Supplier<String> state) {
    return Gauge.builder("refrain.upstream.state", () -> each.equals(state.get()) ? 1 : 0)
        .description("1 for what the circuit breaker of an upstream is")
        .tag("upstream", name)
        .tag("state", each)
        .register(registry);
  }

  private Meter gauge(String meter, String help, String name, IntSupplier value) {
    return Gauge.builder(meter, value::getAsInt)
        .description(help)
        .tag("upstream", name)
        .register(registry);
  }
}
