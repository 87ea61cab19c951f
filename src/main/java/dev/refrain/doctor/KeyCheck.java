package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.Stream;

/**
 * Whether requests with a key of Refrain have credentials for the upstreams, and whether budgets
 * can be kept.
 *
 * @param keys how many there are
 * @param tenants of how many tenants
 * @param bare what the configuration calls the upstreams that have no key of the operator's
 * @param budgets of the keys that have one
 */
public record KeyCheck(int keys, long tenants, List<String> bare, Budgets budgets)
    implements Check {
  /**
   * Keys with a budget.
   *
   * @param keys their names
   * @param unpriced models that the configuration names and that have no price, which these keys
   *     could otherwise use
   * @param kept whether a restart continues the count: there is a Redis or a disk
   */
  public record Budgets(List<String> keys, List<String> unpriced, boolean kept) {}

  @Override
  public String subject() {
    return "keys";
  }

  @Override
  public Future<List<Finding>> make() {
    String counted =
        "%d; tenants: %d; requests without one of these keys are rejected".formatted(keys, tenants);
    Stream<Finding> first = Stream.of(Finding.ok(subject(), counted));
    return Future.succeededFuture(
        Stream.of(first, bare.stream().map(this::unpaid), budgetWarnings())
            .flatMap(findings -> findings)
            .toList());
  }

  private Stream<Finding> budgetWarnings() {
    Stream.Builder<Finding> found = Stream.builder();
    if (!budgets.keys.isEmpty() && !budgets.unpriced.isEmpty()) {
      String says =
          "keys with a budget (%s) cannot use models without a price in metrics.prices: %s";
      found.add(
          Finding.warn(
              subject(),
              says.formatted(
                  String.join(", ", budgets.keys), String.join(", ", budgets.unpriced))));
    }
    if (!budgets.keys.isEmpty() && !budgets.kept) {
      String says =
          "keys have budgets, and there is neither cache.redis nor cache.disk: a restart begins at"
              + " 0, and each replica counts its own";
      found.add(Finding.warn(subject(), says));
    }
    return found.build();
  }

  private Finding unpaid(String upstream) {
    String says =
        "callers' keys are not sent on, and %1$s.apiKey is empty: it is asked without any; set it,"
            + " unless %1$s asks for none";
    return Finding.warn(subject(), says.formatted(upstream));
  }
}
