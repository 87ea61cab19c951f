package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
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

  /** Registers nothing until an upstream is bound. */
  public UpstreamGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_upstream_state}, {@code _active}, {@code _waiting} and {@code _tries_total}.
   *
   * @param name of the upstream
   * @param state of its breaker: closed, open or half-open
   * @param active calls under way
   * @param waiting calls that wait for their turn
   * @param tries calls begun
   */
  public void bind(
      String name,
      Supplier<String> state,
      IntSupplier active,
      IntSupplier waiting,
      LongSupplier tries) {
    STATES.forEach(each -> state(name, each, state));
    gauge("refrain.upstream.active", "Calls of an upstream under way", name, active);
    gauge("refrain.upstream.waiting", "Calls that wait for their turn", name, waiting);
    // A meter of this kind holds its object weakly, so the object is one that lives as long.
    FunctionCounter.builder("refrain.upstream.tries", registry, r -> tries.getAsLong())
        .description("Calls of an upstream begun")
        .tag("upstream", name)
        .register(registry);
  }

  private void state(String name, String each, Supplier<String> state) {
    Gauge.builder("refrain.upstream.state", () -> each.equals(state.get()) ? 1 : 0)
        .description("1 for what the circuit breaker of an upstream is")
        .tag("upstream", name)
        .tag("state", each)
        .register(registry);
  }

  private void gauge(String meter, String help, String name, IntSupplier value) {
    Gauge.builder(meter, value::getAsInt)
        .description(help)
        .tag("upstream", name)
        .register(registry);
  }
}
