package dev.refrain.openai;

/**
 * The numeric ceilings of the published schema, as far as servers are known to differ.
 *
 * @param n most completions a prompt
 * @param bestOf most candidates a prompt
 * @param logprobs most alternatives a token
 * @param temperature highest sampling temperature
 */
public record Bounds(int n, int bestOf, int logprobs, double temperature) {
  /** As published (August 2026). */
  public static final Bounds PUBLISHED = new Bounds(128, 20, 5, 2);
}
