package dev.refrain.demo;

/**
 * One token of a text.
 *
 * @param text as written, its leading space included
 * @param word its place in the {@link Vocabulary}
 * @param logprob natural logarithm of its probability; NaN where a model has none to give, as for
 *     the first token of an echoed prompt
 */
record Token(String text, int word, double logprob) {
  /** The same token, ended early by a stop sequence. */
  Token cut(int length) {
    return new Token(text.substring(0, length), word, logprob);
  }

  /** Length in Unicode code points, the unit of {@code text_offset}. */
  int length() {
    return text.codePointCount(0, text.length());
  }
}
