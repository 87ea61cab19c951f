package dev.refrain.metrics;

import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.Prices.Price;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Optional;

/** Counts the tokens of one model, whose two types have different prices, and what they cost. */
final class ModelMeters {
  private final MeterRegistry registry;
  private final String model;
  private final Map<Source, Counter> prompt;
  private final Map<Source, Counter> completion;
  private volatile Optional<Cost> bill = Optional.empty();

  private record Cost(Price price, Map<Source, Counter> costs) {}

  ModelMeters(MeterRegistry registry, String model) {
    this.registry = registry;
    this.model = model;
    prompt = Labels.each(Source.class, source -> tokens(source, "prompt"));
    completion = Labels.each(Source.class, source -> tokens(source, "completion"));
  }

  /** Takes another price from now on, or none. */
  void price(Optional<Price> price, String currency) {
    bill =
        price.map(
            now -> new Cost(now, Labels.each(Source.class, source -> cost(source, currency))));
  }

  void answered(Source source, Tokens tokens) {
    count(source, tokens);
    Cost now = bill.orElse(null);
    if (now != null) {
      now.costs.get(source).increment(now.price.of(tokens));
    }
  }

  void count(Source source, Tokens tokens) {
    prompt.get(source).increment(tokens.prompt());
    completion.get(source).increment(tokens.completion());
  }

  /** Counts the cost of an answer; prices of other labels do not matter. */
  void pay(Source source, double cost) {
    bill.ifPresent(now -> now.costs.get(source).increment(cost));
  }

  private Counter tokens(Source source, String type) {
    return Labels.counter(
        registry,
        "refrain.tokens",
        "Tokens of answers given; upstream is paid for, the rest is saved",
        "source",
        source.label(),
        "type",
        type,
        "model",
        model);
  }

  private Counter cost(Source source, String currency) {
    return Labels.counter(
        registry,
        "refrain.cost",
        "What those tokens cost by the price list; upstream is paid, the rest is saved",
        "source",
        source.label(),
        "model",
        model,
        "currency",
        currency);
  }
}
