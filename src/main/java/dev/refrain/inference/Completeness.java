package dev.refrain.inference;

/**
 * Result of the check that a whole answer is complete.
 *
 * @param complete whether it is valid, of no error, and every choice came to a final end: only then
 *     may it be kept
 * @param error whether it contains an error instead of an answer
 * @param tokens what it says it cost, complete or not
 */
public record Completeness(boolean complete, boolean error, Tokens tokens) {
  /** Of what is no answer, or was not looked at. */
  public static final Completeness NONE = new Completeness(false, Tokens.UNKNOWN);

  /** The result for an answer without an error. */
  public Completeness(boolean complete, Tokens tokens) {
    this(complete, false, tokens);
  }
}
