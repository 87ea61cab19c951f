package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Usage of each API key, read at each scrape. Names are the operator's own, so they may be labels.
 *
 * <p>Threads: as for {@link Gauges}.
 */
public final class KeyMeters {
  private final MeterRegistry registry;
  private final Map<String, Row> rows = new HashMap<>();

  /**
   * Values of one key.
   *
   * @param requests made with it
   * @param tokens that upstreams were paid for it
   * @param refusals of requests made with it, by the reason
   */
  public record Readings(
      LongSupplier requests, LongSupplier tokens, Map<String, LongSupplier> refusals) {}

  /** Registers nothing until a key is bound. */
  public KeyMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_key_requests_total}, {@code _tokens_total} and {@code _refusals_total} of the
   * key of this name, read from here from the first time on.
   */
  public synchronized void bind(String name, Readings readings) {
    rows.computeIfAbsent(name, key -> new Row(key, readings));
  }

  /**
   * {@code refrain_key_cost_total} of the key of this name, which is bound already: what was paid
   * for it and what it was saved, in this currency. The first time counts.
   */
  public synchronized void bindCost(
      String name, String currency, DoubleSupplier paid, DoubleSupplier saved) {
    rows.get(name).cost(currency, paid, saved);
  }

  /** Shows no key any more but those of these names. */
  public synchronized void retain(Collection<String> names) {
    rows.keySet().stream()
        .filter(name -> !names.contains(name))
        .toList()
        .forEach(name -> rows.remove(name).meters.forEach(registry::remove));
  }

  private final class Row {
    private final List<Meter> meters = new ArrayList<>();
    // A meter of this kind holds its object weakly; the row lives as long as it does.
    private final Readings readings;
    private final String key;
    private Map<String, DoubleSupplier> paidAndSaved;

    Row(String name, Readings readings) {
      this.key = name;
      this.readings = readings;
      counter("refrain.key.requests", "Requests made with a key", readings.requests, name);
      counter("refrain.key.tokens", "Tokens paid for by a key", readings.tokens, name);
      readings.refusals.forEach(
          (reason, count) ->
              meters.add(
                  builder("refrain.key.refusals", "Refused requests of a key", count, name)
                      .tag("reason", reason)
                      .register(registry)));
    }

    private void cost(String currency, DoubleSupplier paid, DoubleSupplier saved) {
      if (paidAndSaved == null) {
        paidAndSaved = Map.of("paid", paid, "saved", saved);
        paidAndSaved.forEach(
            (kind, money) ->
                meters.add(
                    FunctionCounter.builder("refrain.key.cost", money, DoubleSupplier::getAsDouble)
                        .description("Money paid and saved for a key, by the price list")
                        .tags("key", key, "kind", kind, "currency", currency)
                        .register(registry)));
      }
    }

    private void counter(String meter, String help, LongSupplier count, String name) {
      meters.add(builder(meter, help, count, name).register(registry));
    }

    private FunctionCounter.Builder<?> builder(
        String meter, String help, LongSupplier count, String name) {
      return FunctionCounter.builder(meter, count, LongSupplier::getAsLong)
          .description(help)
          .tag("key", name);
    }
  }
}
