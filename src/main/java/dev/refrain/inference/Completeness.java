package dev.refrain.inference;

/**
 * What a whole answer proves.
 *
 * @param complete whether it is valid, of no error, and every choice came to a final end: only then
 *     may it be kept
 * @param tokens what it says it cost, complete or not
 */
public record Completeness(boolean complete, Tokens tokens) {
  /** Of what is no answer, or was not looked at. */
  public static final Completeness NONE = new Completeness(false, Tokens.UNKNOWN);
}
