package dev.refrain.config;

import dev.refrain.settings.Check;
import java.util.List;

/**
 * Section {@code metrics}: counted models and token prices.
 *
 * @param models maximum number of models with their own label value
 * @param currency of the prices
 * @param prices the first match applies; a model without a match has no price
 */
public record MetricsConfig(int models, String currency, List<Price> prices) {
  /** Checks the ranges. */
  public MetricsConfig {
    Check.range("models", models, 0, 10_000);
    Check.name("currency", currency, "[A-Z]{3}", "three capital letters, as in ISO 4217");
    prices = prices == null ? List.of() : List.copyOf(prices);
  }

  /**
   * Price of a million tokens.
   *
   * @param model a glob
   * @param prompt price of prompt tokens
   * @param completion price of completion tokens
   */
  public record Price(String model, double prompt, double completion) {
    /** Checks the ranges. */
    public Price {
      Check.text("model", model);
      Check.range("prompt", prompt, 0, 1_000_000_000);
      Check.range("completion", completion, 0, 1_000_000_000);
    }
  }
}
