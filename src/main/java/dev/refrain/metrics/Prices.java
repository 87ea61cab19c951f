package dev.refrain.metrics;

import dev.refrain.inference.Tokens;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Token prices by model. A value: another price list is another one.
 *
 * @param currency of all of them, as in the label
 * @param all the first match applies; a model without a match has no price
 */
public record Prices(String currency, List<Price> all) {
  /** No prices. */
  public static final Prices NONE = new Prices("USD", List.of());

  private static final double MILLION = 1e6;

  /** Takes a copy. */
  public Prices {
    all = List.copyOf(all);
  }

  /**
   * Prices of some models.
   *
   * @param models whether a model has this price
   * @param prompt for a million prompt tokens
   * @param completion for a million completion tokens
   */
  public record Price(Predicate<String> models, double prompt, double completion) {
    double of(Tokens tokens) {
      return (prompt * tokens.prompt() + completion * tokens.completion()) / MILLION;
    }
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

  Optional<Price> of(String model) {
    return all.stream().filter(price -> price.models.test(model)).findFirst();
  }
}
