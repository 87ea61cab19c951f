package dev.refrain.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Budgets of API keys, read at each scrape. Names are the operator's own, so they may be labels.
 *
 * <p>Threads: as for {@link Gauges}.
 */
public final class BudgetGauges {
  private final MeterRegistry registry;
  private final Map<Tags, Row> rows = new HashMap<>();

  /**
   * A budget of one key.
   *
   * @param key its name
   * @param period day or month
   * @param currency of the prices
   * @param budget money that may be spent in that period
   * @param spent money that was spent in the current one
   */
  public record Readings(
      String key, String period, String currency, double budget, DoubleSupplier spent) {
    private Tags tags() {
      return Tags.of("key", key, "period", period, "currency", currency);
    }
  }

  /** Registers nothing until there is a budget. */
  public BudgetGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_key_budget}, {@code refrain_key_budget_spent} and {@code _remaining} of these,
   * and of no others any more.
   */
  public synchronized void show(List<Readings> all) {
    Map<Tags, Readings> now =
        all.stream().collect(Collectors.toMap(Readings::tags, readings -> readings));
    rows.keySet().stream()
        .filter(tags -> !now.containsKey(tags))
        .toList()
        .forEach(tags -> rows.remove(tags).meters.forEach(registry::remove));
    // Not registered anew: a scrape at that moment would find both.
    now.forEach(
        (tags, readings) ->
            rows.computeIfAbsent(tags, absent -> new Row(tags, readings)).readings = readings);
  }

  private final class Row {
    private final List<Meter> meters = new ArrayList<>();
    private volatile Readings readings;

    Row(Tags tags, Readings readings) {
      this.readings = readings;
      gauge("refrain.key.budget", "Money a key may spend in a period", tags, Readings::budget);
      gauge(
          "refrain.key.budget.spent",
          "Money spent of a budget in the current period",
          tags,
          now -> now.spent.getAsDouble());
      gauge(
          "refrain.key.budget.remaining",
          "Money left of a budget in the current period",
          tags,
          now -> Math.max(0, now.budget - now.spent.getAsDouble()));
    }

    private void gauge(String name, String help, Tags tags, ToDoubleFunction<Readings> value) {
      meters.add(
          Gauge.builder(name, () -> value.applyAsDouble(readings))
              .description(help)
              .tags(tags)
              .register(registry));
    }
  }
}
