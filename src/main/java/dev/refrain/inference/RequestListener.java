package dev.refrain.inference;

import java.util.Locale;

/**
 * Receives the steps of one request, for logging. Called on the request's event loop, must not
 * block; never receives a prompt, an answer or a key.
 */
public interface RequestListener {
  /** Ignores all steps. */
  RequestListener NONE = (step, whom) -> {};

  /** A step; its label is what a log says. */
  enum Step {
    /** It was taken apart into calls. */
    DIVIDED,
    /** Memory has the answer. */
    IN_MEMORY,
    /** Memory has it not. */
    NOT_IN_MEMORY,
    /** It shares a call that was under way. */
    JOINED,
    /** It follows a call of another replica. */
    FOLLOWED,
    /** The disk has the answer. */
    ON_DISK,
    /** The disk has it not. */
    NOT_ON_DISK,
    /** The disk did not answer in its time, or not in a way that makes sense. */
    DISK_FAILED,
    /** Redis has the answer. */
    IN_REDIS,
    /** Redis has it not. */
    NOT_IN_REDIS,
    /** Redis did not answer in its time, or not in a way that makes sense. */
    REDIS_FAILED,
    /** An upstream was chosen. */
    CHOSEN,
    /** There is a connection to it, and the request goes out. */
    SENT,
    /** The head of its answer has arrived. */
    ANSWERED,
    /** It failed, or refused for a reason of its own, and another try is made. */
    RETRIED;

    /** The word in a log. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A step was made.
   *
   * @param whom the name of the upstream concerned, or empty
   */
  void step(Step step, String whom);

  /**
   * The upstream keeps a plain call alive by white space that precedes the document, and that is
   * not part of its answer any more.
   *
   * @param beginning the head of the answer, and the white space as its body
   */
  default void whitespace(Whole beginning) {}

  /** A step that is about no upstream. */
  default void step(Step step) {
    step(step, "");
  }
}
