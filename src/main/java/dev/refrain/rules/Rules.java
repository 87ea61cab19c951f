package dev.refrain.rules;

import dev.refrain.inference.Endpoint;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.util.List;

/**
 * Rules in the order in which they are tried. Any thread.
 *
 * @param list the first that applies decides
 * @param ttl how long answers are fresh where no rule says it, in milliseconds
 */
public record Rules(List<Rule> list, long ttl) {
  /** No rules, and no bound on what a request may ask for. */
  public static final Rules NONE = new Rules(List.of(), Long.MAX_VALUE);

  /** Copies the list. */
  public Rules {
    list = List.copyOf(list);
  }

  /** Whether there are none, so that no facts are needed. */
  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** The first rule that applies, or {@link Rule#DEFAULT}. */
  public Rule first(RequestFacts facts) {
    for (Rule rule : list) {
      if (rule.when().hold(facts)) {
        return rule;
      }
    }
    return Rule.DEFAULT;
  }

  /**
   * The facts of a request that rules evaluate.
   *
   * @param model as asked for
   * @param temperature as given, or null
   * @param seed whether one is given
   * @param headers of the request, read only
   * @param tenant of the caller's key, or null
   */
  public record RequestFacts(
      Endpoint endpoint,
      String model,
      BigDecimal temperature,
      boolean seed,
      MultiMap headers,
      String tenant) {}
}
