package dev.refrain.keys;

import dev.refrain.inference.Tokens;
import dev.refrain.keys.Key.KeyDenial;
import dev.refrain.keys.KeySettings.BudgetSettings;
import dev.refrain.keys.Spending.Period;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * How much money the upstream calls of one key may cost in a day and in a month, and what they have
 * cost. Any thread.
 *
 * @param settings the limits
 * @param spending what was spent; outlives configuration generations
 * @param tariff the prices
 */
public record Budget(BudgetSettings settings, Spending spending, Tariff tariff) {
  /**
   * Prices, of one configuration generation.
   *
   * @param currency of all of them
   * @param prices what tokens of a model cost; null for a model without a price
   */
  public record Tariff(String currency, Function<String, ToDoubleFunction<Tokens>> prices) {
    /** No prices. */
    public static final Tariff NONE = new Tariff("USD", model -> null);
  }

  private static final Tokens SOME = Tokens.of(1_000_000, 1_000_000);

  /** Why a call of this model is denied, or null. One that costs nothing is not. */
  KeyDenial denial(String model) {
    ToDoubleFunction<Tokens> price = tariff.prices.apply(model);
    if (price == null) {
      return KeyDenial.PRICE;
    }
    return exhausted() != null && price.applyAsDouble(SOME) > 0 ? KeyDenial.BUDGET : null;
  }

  /** The period whose budget is used up; the month of both, for it lasts longer; or null. */
  private Period exhausted() {
    Spending.Sums sums = spending.sums();
    if (isOver(settings.month(), sums.ofMonth())) {
      return Period.MONTH;
    }
    return isOver(settings.day(), sums.ofDay()) ? Period.DAY : null;
  }

  private static boolean isOver(double limit, long spent) {
    return limit > 0 && spent >= Math.round(limit * Spending.UNIT);
  }

  void charge(String model, Tokens paid) {
    ToDoubleFunction<Tokens> price = tariff.prices.apply(model);
    if (price != null) {
      spending.charge(price.applyAsDouble(paid));
    }
  }

  /** Whether there is a budget for this period. */
  public boolean limits(Period period) {
    return limit(period) > 0;
  }

  /** The budget for this period; 0 if there is none. */
  public double limit(Period period) {
    return period == Period.DAY ? settings.day() : settings.month();
  }

  /** What was spent in the current one. */
  public double spent(Period period) {
    Spending.Sums sums = spending.sums();
    return (period == Period.DAY ? sums.ofDay() : sums.ofMonth()) / Spending.UNIT;
  }

  /** What is left of it. */
  public double remaining(Period period) {
    return Math.max(0, limit(period) - spent(period));
  }

  /** Seconds until the budget that is used up begins anew; at least 1. */
  public long waitSeconds() {
    Period period = exhausted();
    return period == null ? 1 : spending.waitSeconds(period);
  }

  /** Why a call is denied that would cost money. */
  String message() {
    Period period = exhausted() == Period.MONTH ? Period.MONTH : Period.DAY;
    return "the budget of this key for the %s, %s %s, is used up; it renews at %s"
        .formatted(
            period == Period.DAY ? "day" : "month",
            BigDecimal.valueOf(limit(period)).stripTrailingZeros().toPlainString(),
            tariff.currency,
            Instant.ofEpochMilli(spending.renews(period)));
  }
}
