package dev.refrain.rules;

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
}
