package dev.refrain;

import dev.refrain.keys.Budget;
import dev.refrain.keys.Key;
import dev.refrain.keys.Keyring;
import dev.refrain.keys.Spending.Period;
import dev.refrain.metrics.BudgetGauges;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The budgets of all keys, by the name of the key: for metrics and for {@code /savings}.
 *
 * @param keyring the keys of one configuration generation
 */
record BudgetList(Keyring keyring) {
  private static final int DIGITS = 6;

  /** One budget of one key. */
  private record Line(String key, Budget budget, Period period) {
    private String periodName() {
      return period.name().toLowerCase(Locale.ROOT);
    }

    private BudgetGauges.Readings readings() {
      return new BudgetGauges.Readings(
          key,
          periodName(),
          budget.tariff().currency(),
          budget.limit(period),
          () -> budget.spent(period));
    }

    private JsonObject json() {
      return new JsonObject()
          .put("key", key)
          .put("period", periodName())
          .put("budget", BigDecimal.valueOf(budget.limit(period)))
          .put("spent", rounded(budget.spent(period)))
          .put("remaining", rounded(budget.remaining(period)))
          .put("renews", Instant.ofEpochMilli(budget.spending().renews(period)).toString());
    }
  }

  private static BigDecimal rounded(double money) {
    return BigDecimal.valueOf(money).setScale(DIGITS, RoundingMode.HALF_EVEN);
  }

  private Stream<Line> lines() {
    return keyring.keys().stream().sorted(Comparator.comparing(Key::name)).flatMap(BudgetList::of);
  }

  private static Stream<Line> of(Key key) {
    return key.budget().stream()
        .flatMap(
            budget ->
                Stream.of(Period.values())
                    .filter(budget::limits)
                    .map(period -> new Line(key.name(), budget, period)));
  }

  List<BudgetGauges.Readings> readings() {
    return lines().map(Line::readings).toList();
  }

  /** {@code [{"key","period","budget","spent","remaining","renews"}]}. */
  JsonArray json() {
    JsonArray all = new JsonArray();
    lines().map(Line::json).forEach(all::add);
    return all;
  }
}
