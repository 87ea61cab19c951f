package dev.refrain.recording;

import dev.refrain.inference.Frame;
import java.util.Optional;

/** Transforms recorded frames for one reader. A pure function. */
@FunctionalInterface
public interface FrameFilter {
  /** Every frame as it is. */
  FrameFilter FULL = Optional::of;

  /** The frame for this reader; empty if it is not for this reader. */
  Optional<Frame> of(Frame frame);
}
