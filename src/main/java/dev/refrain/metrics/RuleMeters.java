package dev.refrain.metrics;

import dev.refrain.inference.CachePolicy;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts the tokens of answers and what they cost, by the rule that applied. Names of rules come
 * from the configuration, so there are few.
 *
 * <p>Threads: any.
 */
final class RuleMeters {
  private final MeterRegistry registry;
  private volatile Rows rows;

  private record Row(Counter paid, Counter saved, Counter paidCost, Counter savedCost) {}

  /** Those of one currency; empty if there are no prices. */
  private record Rows(String currency, Map<String, Row> all) {}

  RuleMeters(MeterRegistry registry, MeterSettings settings) {
    this.registry = registry;
    adopt(settings);
  }

  /** Counts money in the currency of these settings from now on. */
  void adopt(MeterSettings settings) {
    String currency = settings.prices().isEmpty() ? "" : settings.currency();
    if (rows == null || !rows.currency.equals(currency)) {
      Rows news = new Rows(currency, new ConcurrentHashMap<>());
      row(news, CachePolicy.NO_RULE);
      rows = news;
    }
  }

  void add(String rule, boolean paid, long tokens, double cost) {
    Row row = row(rows, rule);
    (paid ? row.paid : row.saved).increment(tokens);
    if (row.paidCost != null) {
      (paid ? row.paidCost : row.savedCost).increment(cost);
    }
  }

  private Row row(Rows of, String rule) {
    Row known = of.all.get(rule);
    return known == null ? of.all.computeIfAbsent(rule, name -> row(name, of.currency)) : known;
  }

  private Row row(String rule, String currency) {
    boolean priced = !currency.isEmpty();
    return new Row(
        tokens(rule, "paid"),
        tokens(rule, "saved"),
        priced ? cost(rule, "paid", currency) : null,
        priced ? cost(rule, "saved", currency) : null);
  }

  private Counter tokens(String rule, String kind) {
    return Labels.counter(
        registry,
        "refrain.rule.tokens",
        "Tokens paid and saved, by the rule that applied",
        "rule",
        rule,
        "kind",
        kind);
  }

  private Counter cost(String rule, String kind, String currency) {
    return Labels.counter(
        registry,
        "refrain.rule.cost",
        "Money paid and saved, by the rule that applied and the price list",
        "rule",
        rule,
        "kind",
        kind,
        "currency",
        currency);
  }
}
