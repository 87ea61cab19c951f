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
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * State and load of each upstream, read at each scrape. Names are the operator's own, so they may
 * be labels.
 *
 * <p>Threads: as for {@link Gauges}.
 */
public final class UpstreamGauges {
  /** The states of a circuit breaker. */
  private static final List<String> STATES = List.of("closed", "open", "half-open");

  private final MeterRegistry registry;
  private final Map<String, Row> rows = new HashMap<>();

  /** Calls of upstreams that went, which count again if one of the same name comes. */
  private final Map<String, Long> gone = new HashMap<>();

  /**
   * Values of one upstream.
   *
   * @param subject the upstream itself: another object counts its calls from 0
   * @param state of its breaker: closed, open or half-open
   * @param active calls under way
   * @param limit most calls at once, as of now
   * @param waiting calls that wait for their turn
   * @param tries calls begun
   */
  public record Readings(
      Object subject,
      Supplier<String> state,
      IntSupplier active,
      IntSupplier limit,
      IntSupplier waiting,
      LongSupplier tries) {}

  /** Registers nothing until an upstream is bound. */
  public UpstreamGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_upstream_state}, {@code _active}, {@code _limit}, {@code _waiting} and {@code
   * _tries_total} of the upstream of this name, read from here from now on.
   */
  public synchronized void bind(String name, Readings readings) {
    Row row = rows.get(name);
    if (row == null) {
      rows.put(name, new Row(name, readings));
    } else {
      // Not registered anew: a scrape at that moment would find both.
      row.read(readings);
    }
  }

  /** Shows no upstream any more but those of these names. */
  public synchronized void retain(Collection<String> names) {
    rows.keySet().stream().filter(name -> !names.contains(name)).toList().forEach(this::drop);
  }

  private void drop(String name) {
    Row row = rows.remove(name);
    gone.put(name, row.tries());
    row.meters.forEach(registry::remove);
  }

  private final class Row {
    private final String name;
    private final List<Meter> meters = new ArrayList<>();
    private volatile Readings readings;

    /** Calls of those that had this name before; the latest of them may still begin some. */
    private volatile LongSupplier before;

    Row(String name, Readings readings) {
      this.name = name;
      this.readings = readings;
      long past = gone.getOrDefault(name, 0L);
      this.before = () -> past;
      STATES.forEach(this::state);
      gauge("active", "Calls of an upstream under way", Readings::active);
      gauge("limit", "Most calls of an upstream at once, as of now", Readings::limit);
      gauge("waiting", "Calls that wait for their turn", Readings::waiting);
      // A meter of this kind holds its object weakly; the row lives as long as it does.
      meters.add(
          FunctionCounter.builder("refrain.upstream.tries", this, Row::tries)
              .description("Calls of an upstream begun")
              .tag("upstream", name)
              .register(registry));
    }

    long tries() {
      return before.getAsLong() + readings.tries.getAsLong();
    }

    void read(Readings news) {
      Readings last = readings;
      if (news.subject != last.subject) {
        long ended = before.getAsLong();
        before = () -> ended + last.tries.getAsLong();
      }
      readings = news;
    }

    private void state(String each) {
      meters.add(
          Gauge.builder("refrain.upstream.state", () -> each.equals(readings.state.get()) ? 1 : 0)
              .description("1 for what the circuit breaker of an upstream is")
              .tag("upstream", name)
              .tag("state", each)
              .register(registry));
    }

    private void gauge(String what, String help, Function<Readings, IntSupplier> value) {
      meters.add(
          Gauge.builder("refrain.upstream." + what, () -> value.apply(readings).getAsInt())
              .description(help)
              .tag("upstream", name)
              .register(registry));
    }
  }
}
