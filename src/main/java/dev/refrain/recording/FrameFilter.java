package dev.refrain.recording;

import dev.refrain.inference.Frame;
import java.util.Optional;

/** Transforms recorded frames for one reader. */
@FunctionalInterface
public interface FrameFilter {
  /** Every frame as it is. */
  FrameFilter FULL = Optional::of;

  /** The frame for this reader; empty if it is not for this reader. */
  Optional<Frame> of(Frame frame);

  /** Whether a frame waits for the one behind it, or for the end of the stream. */
  default boolean isHeld() {
    return false;
  }

  /** A frame that was held, after the next one has come. */
  default Frame before(Frame held, Frame next) {
    return held;
  }
}
