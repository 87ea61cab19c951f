package dev.refrain.tracing;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Streamed;

/** The frames of a stream, whose end is the end of a span. */
final class TracedFrames implements Frames, Frames.Reader {
  private final Streamed answer;
  private final AnswerSpan span;
  private Reader reader;

  TracedFrames(Streamed answer, AnswerSpan span) {
    this.answer = answer;
    this.span = span;
  }

  @Override
  public void read(Reader to) {
    reader = to;
    answer.frames().read(this);
  }

  @Override
  public void pause() {
    answer.frames().pause();
  }

  @Override
  public void resume() {
    answer.frames().resume();
  }

  @Override
  public void frame(Frame frame) {
    reader.frame(frame);
  }

  @Override
  public void end() {
    span.tokens(answer.tokens());
    span.end();
    reader.end();
  }

  @Override
  public void fail(Failure failure) {
    span.failed(failure);
    reader.fail(failure);
  }
}
