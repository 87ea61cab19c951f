package dev.refrain.fanout;

import dev.refrain.completion.Completion;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Part;

/** One part's stream in a {@link Chorus}. */
final class Voice implements Frames.Reader {
  private final Answered answered;
  private final Frames frames;
  private final Chorus chorus;
  private boolean begun;

  Voice(Answered answered, Frames frames, Chorus chorus) {
    this.answered = answered;
    this.frames = frames;
    this.chorus = chorus;
  }

  Turn turn() {
    return answered.turn();
  }

  Part part() {
    return answered.turn().part();
  }

  Completion completion() {
    return answered.completion();
  }

  /** Lets it be heard, for the first time or again. */
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
    chorus.frame(this, frame);
  }

  @Override
  public void end() {
    chorus.end(this);
  }

  @Override
  public void fail(Failure failure) {
    chorus.fail(failure);
  }
}
