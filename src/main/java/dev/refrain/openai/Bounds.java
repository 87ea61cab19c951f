package dev.refrain.openai;

/**
 * The numeric ceilings of the published schema, as far as servers are known to differ.
 *
 * @param n most completions a prompt
 * @param bestOf most candidates a prompt
 * @param logprobs most alternatives a token
 * @param temperature highest sampling temperature
 * @param stop most sequences that end a text
 * @param elements most completions of all prompts together; every stage that follows an answer
 *     keeps a mark for each
 */
public record Bounds(int n, int bestOf, int logprobs, double temperature, int stop, int elements) {
  /** As published (August 2026): 2048 prompts, 128 completions each. */
  public static final Bounds PUBLISHED = new Bounds(128, 20, 5, 2, 4, 2048 * 128);
}
