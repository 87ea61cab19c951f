package dev.refrain.openai;

/**
 * Tracks which choices of an answer have a finish reason. Any reason ends a choice; one that OpenAI
 * does not know ({@code eos_token}, {@code abort}, {@code error}) spoils the answer, because it may
 * mean that the server gave up. So does a choice that was not asked for.
 */
final class FinishReasons {
  private final AnswerShape shape;
  private final boolean[] ended;
  private int missing;
  private int seen;
  private boolean spoiled;

  FinishReasons(AnswerShape shape, int elements) {
    this.shape = shape;
    ended = new boolean[elements];
    missing = elements;
  }

  /** A choice was seen; {@code index} is -1 and {@code reason} null where it has none. */
  void see(int index, String reason) {
    seen++;
    boolean expected = index >= 0 && index < ended.length;
    spoiled |= !expected || (reason != null && !shape.isFinal(reason));
    if (reason == null && shape.endsWithReason()) {
      return;
    }
    if (expected) {
      end(index);
    } else if (ended.length == 1) {
      end(0); // a single choice may be called anything
    }
  }

  private void end(int index) {
    missing -= ended[index] ? 0 : 1;
    ended[index] = true;
  }

  /** Whether all choices have ended, for whatever reason. */
  boolean ended() {
    return missing == 0;
  }

  /** Whether all choices have ended well. */
  boolean complete() {
    return missing == 0 && !spoiled;
  }

  /** Whether each was moreover seen once, as in a document. */
  boolean completeAtOnce() {
    return complete() && seen == ended.length;
  }
}
