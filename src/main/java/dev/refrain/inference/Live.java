package dev.refrain.inference;

import java.util.Optional;

/** A stream that more readers can join while it is being written, each from its first frame. */
@FunctionalInterface
public interface Live {
  /** A stream for its one reader alone. */
  Live NONE = (usage, cancellation) -> Optional.empty();

  /**
   * One more reader's frames, on the stream's event loop; empty when its beginning is gone.
   *
   * @param usage whether the reader asked for usage
   * @param cancellation the reader leaves by it; the stream goes on for the others
   */
  Optional<Frames> open(boolean usage, Cancellation cancellation);
}
