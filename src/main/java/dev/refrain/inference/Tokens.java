package dev.refrain.inference;

/**
 * Tokens as the upstream counted them.
 *
 * @param known false when the upstream said nothing; the counts are then 0
 */
public record Tokens(boolean known, long prompt, long completion) {
  /** The upstream gave no usage. */
  public static final Tokens UNKNOWN = new Tokens(false, 0, 0);

  /** Usage as an upstream reported it. */
  public static Tokens of(long prompt, long completion) {
    return new Tokens(true, prompt, completion);
  }

  /** Prompt and completion together. */
  public long total() {
    return prompt + completion;
  }
}
