package dev.refrain.metrics;

import dev.refrain.inference.Tokens;
import dev.refrain.settings.Check;
import java.util.List;

/**
 * Section {@code metrics}: models with labels of their own, and token prices.
 *
 * @param models how many of them have labels of their own; all others share one
 * @param currency of the prices
 * @param prices the first match applies; a model without a match has no price
 */
public record MeterSettings(int models, String currency, List<Price> prices) {
  /** Models get label values as they come, without prices. */
  public static final MeterSettings DEFAULT = new MeterSettings(64, "USD", List.of());

  /** Checks the ranges. */
  public MeterSettings {
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
    private static final double MILLION = 1e6;

    /** Checks the ranges. */
    public Price {
      Check.text("model", model);
      Check.range("prompt", prompt, 0, 1_000_000_000);
      Check.range("completion", completion, 0, 1_000_000_000);
    }

    double of(Tokens tokens) {
      return (prompt * tokens.prompt() + completion * tokens.completion()) / MILLION;
    }
  }
}
