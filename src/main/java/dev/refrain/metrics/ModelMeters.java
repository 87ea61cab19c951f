package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.MeterSettings.Price;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counts the tokens of one model, whose two types have different prices, and what they cost. */
final class ModelMeters {
  private final MeterRegistry registry;
  private final String model;
  private final List<Endpoint> endpoints;
  private final PerEndpoint<Counts> counts;
  private volatile Optional<Cost> bill = Optional.empty();

  private record Counts(Map<Source, Counter> prompt, Map<Source, Counter> completion) {}

  private record Cost(Price price, PerEndpoint<Map<Source, Counter>> costs) {
    void add(Endpoint endpoint, Source source, double money) {
      costs.of(endpoint).get(source).increment(money);
    }
  }

  /**
   * The meters of a model.
   *
   * @param endpoints that have their series now; those of others come with their first answer
   */
  ModelMeters(MeterRegistry registry, String model, List<Endpoint> endpoints) {
    this.registry = registry;
    this.model = model;
    this.endpoints = endpoints;
    counts = new PerEndpoint<>(endpoints, this::counts);
  }

  private Counts counts(String endpoint) {
    return new Counts(
        Labels.each(Source.class, source -> tokens(endpoint, source, "prompt")),
        Labels.each(Source.class, source -> tokens(endpoint, source, "completion")));
  }

  /** Takes another price from now on, or none. */
  void price(Optional<Price> price, String currency) {
    bill = price.map(now -> new Cost(now, new PerEndpoint<>(endpoints, of -> costs(of, currency))));
  }

  /** Counts an answer; what it cost, or 0 without a price. */
  double answered(Endpoint endpoint, Source source, Tokens tokens) {
    count(endpoint, source, tokens);
    Cost now = bill.orElse(null);
    if (now == null) {
      return 0;
    }
    double cost = now.price.of(tokens);
    now.add(endpoint, source, cost);
    return cost;
  }

  void count(Endpoint endpoint, Source source, Tokens tokens) {
    Counts known = counts.of(endpoint);
    known.prompt.get(source).increment(tokens.prompt());
    known.completion.get(source).increment(tokens.completion());
  }

  /** Counts the cost of an answer; prices of other labels do not matter. */
  void pay(Endpoint endpoint, Source source, double cost) {
    bill.ifPresent(now -> now.add(endpoint, source, cost));
  }

  private Counter tokens(String endpoint, Source source, String type) {
    return Labels.counter(
        registry,
        "refrain.tokens",
        "Tokens of answers given; upstream is paid for, the rest is saved",
        "endpoint",
        endpoint,
        "source",
        source.label(),
        "type",
        type,
        "model",
        model);
  }

  private Map<Source, Counter> costs(String endpoint, String currency) {
    return Labels.each(Source.class, source -> cost(endpoint, source, currency));
  }

  private Counter cost(String endpoint, Source source, String currency) {
    return Labels.counter(
        registry,
        "refrain.cost",
        "What those tokens cost by the price list; upstream is paid, the rest is saved",
        "endpoint",
        endpoint,
        "source",
        source.label(),
        "model",
        model,
        "currency",
        currency);
  }
}
