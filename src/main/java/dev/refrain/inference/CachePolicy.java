package dev.refrain.inference;

/**
 * How the answer of one call is stored, as a rule of the operator's or the request itself says.
 *
 * @param rule its name, or empty if none applies
 * @param ttl how long the answer is fresh, in milliseconds; 0 is as long as any other
 * @param namespace the part of the caller's scope it is stored in; empty is the common one
 * @param sample which of several answers to the same request it is; null is the only one
 */
public record CachePolicy(String rule, long ttl, String namespace, Sample sample) {
  /** No rule applies, and the request says nothing. */
  public static final CachePolicy DEFAULT = new CachePolicy("", 0, "");

  /** How the only answer to a request is stored. */
  public CachePolicy(String rule, long ttl, String namespace) {
    this(rule, ttl, namespace, null);
  }

  /** The value of the label {@code rule} in metrics where no rule applies. */
  public static final String NO_RULE = "default";

  /** The value of the label {@code rule} in metrics. */
  public String label() {
    return rule.isEmpty() ? NO_RULE : rule;
  }

  /** The same with another lifetime. */
  public CachePolicy withTtl(long other) {
    return new CachePolicy(rule, other, namespace, sample);
  }

  /** The same in another namespace. */
  public CachePolicy in(String other) {
    return new CachePolicy(rule, ttl, other, sample);
  }

  /** The same for one of several answers. */
  public CachePolicy with(Sample other) {
    return new CachePolicy(rule, ttl, namespace, other);
  }
}
