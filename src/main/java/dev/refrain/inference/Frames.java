package dev.refrain.inference;

import java.util.Optional;

/**
 * The frames of one streamed answer, for one reader. If others can join it, each gets frames of its
 * own.
 *
 * <p>Threads: everything happens on the event loop of the request. Frames come one by one, several
 * in a turn; a reader that writes to a socket gathers what comes in a turn and writes once.
 *
 * <p>Back-pressure: after {@link #pause} returns, no frame is delivered until {@link #resume};
 * endings wait too. To leave before the end, cancel the request's {@link Cancellation}; no call of
 * the reader follows.
 */
public interface Frames {
  /** Begins the delivery, at once or in a later turn. Called once. */
  void read(Reader reader);

  /** Holds delivery back. */
  void pause();

  /** Lets delivery go on, possibly within this call. */
  void resume();

  /**
   * The same stream for one more reader, from its first frame. Called on the stream's event loop.
   *
   * @param usage whether the reader requested usage
   * @param cancellation by which the reader leaves; the stream goes on for the others
   * @return empty if the stream is for one reader, or its beginning is gone
   */
  default Optional<Frames> join(boolean usage, Cancellation cancellation) {
    return Optional.empty();
  }

  /** Receives any number of frames, then exactly one of {@link #end} and {@link #fail}. */
  interface Reader {
    /** The next frame, comments included, the terminator {@code [DONE]} never. */
    void frame(Frame frame);

    /** The answer is complete. */
    void end();

    /** The answer broke off; what was delivered is a beginning, not an answer. */
    void fail(Failure failure);
  }
}
