package dev.refrain.inference;

/**
 * How the answer of one call is stored, as a rule of the operator's says.
 *
 * @param rule its name, or empty if none applies
 */
public record CachePolicy(String rule) {
  /** No rule applies. */
  public static final CachePolicy DEFAULT = new CachePolicy("");

  /** The value of the label {@code rule} in metrics where no rule applies. */
  public static final String NO_RULE = "default";

  /** The value of the label {@code rule} in metrics. */
  public String label() {
    return rule.isEmpty() ? NO_RULE : rule;
  }
}
