package dev.refrain.metrics;

import dev.refrain.inference.Glob;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.MeterSettings.Price;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Token prices by model, as configured. Any thread. */
public final class Prices {
  private record ModelPrice(Glob models, Price price) {}

  private final String currency;
  private final List<ModelPrice> all;

  /** The prices of these settings. */
  public Prices(MeterSettings settings) {
    currency = settings.currency();
    all =
        settings.prices().stream()
            .map(price -> new ModelPrice(new Glob(price.model()), price))
            .toList();
  }

  /** The currency of all of them, as in the label. */
  public String currency() {
    return currency;
  }

  /** The price of these tokens of a model; 0 if it has none. */
  public double cost(String model, Tokens tokens) {
    return of(model).map(price -> price.of(tokens)).orElse(0.0);
  }

  /** The cost of tokens of this model; 0 if it has no price. */
  public ToDoubleFunction<Tokens> costs(String model) {
    Optional<Price> price = of(model);
    return tokens -> price.isPresent() ? price.get().of(tokens) : 0;
  }

  /** What tokens of this model cost; empty if it has no price. */
  public Optional<ToDoubleFunction<Tokens>> find(String model) {
    return of(model).map(price -> price::of);
  }

  // For a budget it is looked up for each request, without garbage beside the result.
  Optional<Price> of(String model) {
    for (ModelPrice each : all) {
      if (each.models.matches(model)) {
        return Optional.of(each.price);
      }
    }
    return Optional.empty();
  }

  /** Any of them; empty if there are none. */
  Optional<Price> any() {
    return all.stream().map(ModelPrice::price).findFirst();
  }
}
