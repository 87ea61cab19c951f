package dev.refrain.recording;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Language.Streams;
import java.util.Optional;

/**
 * Leaves usage out that the reader did not request. When all choices have ended, each frame waits
 * for the next: what stands beside the usage there is given to the last frame.
 *
 * @param check of the stream that is recorded
 */
record WithoutUsage(Streams streams, CompletenessCheck check) implements FrameFilter {
  @Override
  public Optional<Frame> of(Frame frame) {
    return streams.withoutUsage(frame);
  }

  @Override
  public boolean isHeld() {
    return check.ended();
  }

  @Override
  public Frame before(Frame held, Frame next) {
    return streams.withMembersBesideUsage(held, next);
  }
}
