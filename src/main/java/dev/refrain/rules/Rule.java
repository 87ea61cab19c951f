package dev.refrain.rules;

import dev.refrain.inference.CachePolicy;

/**
 * A rule of the operator's.
 *
 * @param caching whether answers are stored; null is if the call is deterministic
 * @param policy its name, and how answers are stored
 * @param samples how many answers equal requests take turns with that are not deterministic; 0 is
 *     as {@code caching} says
 */
public record Rule(Conditions when, Caching caching, CachePolicy policy, int samples) {
  /** Of a request to which no rule applies. */
  public static final Rule DEFAULT = new Rule(Conditions.NONE, null, CachePolicy.DEFAULT);

  /** The same for a request to an endpoint at which it applies. */
  Rule atAnyEndpoint() {
    return when.endpoints().isEmpty()
        ? this
        : new Rule(when.atAnyEndpoint(), caching, policy, samples);
  }

  /** A rule without samples. */
  public Rule(Conditions when, Caching caching, CachePolicy policy) {
    this(when, caching, policy, 0);
  }

  /** Whether a rule stores the answer of a call. */
  public enum Caching {
    /** It is stored and shared at any temperature. */
    ON,
    /** It is neither stored nor shared, whatever the request asks for. */
    OFF
  }
}
