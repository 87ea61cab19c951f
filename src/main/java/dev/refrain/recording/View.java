package dev.refrain.recording;

import dev.refrain.completion.Frame;
import java.util.Optional;

/** What a reader sees of a recorded frame. A pure function. */
@FunctionalInterface
public interface View {
  /** Every frame as it is. */
  View FULL = Optional::of;

  /** The frame as the reader shall get it; empty if it is not for this reader. */
  Optional<Frame> of(Frame frame);
}
