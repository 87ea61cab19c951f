package dev.refrain.fanout;

import dev.refrain.fanout.WholeCollector.AnsweredPart;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Part;

/** One part's stream in a {@link StreamMerger}. */
final class PartStream implements Frames.Reader {
  private final AnsweredPart answeredPart;
  private final Frames frames;
  private final StreamMerger streamMerger;
  private boolean begun;

  PartStream(AnsweredPart answeredPart, Frames frames, StreamMerger streamMerger) {
    this.answeredPart = answeredPart;
    this.frames = frames;
    this.streamMerger = streamMerger;
  }

  RunningPart turn() {
    return answeredPart.part();
  }

  Part part() {
    return answeredPart.part().part();
  }

  InferenceResponse response() {
    return answeredPart.response();
  }

  /** Starts or resumes the delivery of its frames. */
  void resume() {
    if (begun) {
      frames.resume();
    } else {
      begun = true;
      frames.read(this);
    }
  }

  /** Holds it back. */
  void pause() {
    if (begun) {
      frames.pause();
    }
  }

  @Override
  public void frame(Frame frame) {
    streamMerger.frame(this, frame);
  }

  @Override
  public void end() {
    streamMerger.end(this);
  }

  @Override
  public void fail(Failure failure) {
    streamMerger.fail(failure);
  }
}
