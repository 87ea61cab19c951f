package dev.refrain.job;

import dev.refrain.inference.Tokens;
import java.util.function.ToDoubleBiFunction;

/**
 * What tokens cost.
 *
 * @param currency of the prices; empty if there are none
 * @param price of so many tokens of a model
 */
public record Pricing(String currency, ToDoubleBiFunction<String, Tokens> price) {
  /** No price is known. */
  public static final Pricing NONE = new Pricing("", (model, tokens) -> 0);

  double of(String model, Tokens tokens) {
    return price.applyAsDouble(model, tokens);
  }
}
