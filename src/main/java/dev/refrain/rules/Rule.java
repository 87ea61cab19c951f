package dev.refrain.rules;

import dev.refrain.inference.CachePolicy;

/**
 * A rule of the operator's.
 *
 * @param caching what it says of storing
 * @param policy its name, and how answers are stored
 */
public record Rule(Conditions when, Caching caching, CachePolicy policy) {
  /** Of a request to which no rule applies. */
  public static final Rule DEFAULT =
      new Rule(Conditions.NONE, Caching.BY_DEFAULT, CachePolicy.DEFAULT);
}
