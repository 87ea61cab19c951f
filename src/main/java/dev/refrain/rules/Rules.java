package dev.refrain.rules;

import java.util.List;

/**
 * Rules in the order in which they are tried. Any thread.
 *
 * @param list the first that applies decides
 */
public record Rules(List<Rule> list) {
  /** No rules. */
  public static final Rules NONE = new Rules(List.of());

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
