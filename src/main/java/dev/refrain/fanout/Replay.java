package dev.refrain.fanout;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Whole;
import dev.refrain.openai.EventSplitter;

/** A stream that is all here, frame by frame as its reader takes them. */
final class Replay implements Frames {
  private final EventSplitter splitter;
  private Reader reader;
  private boolean paused;
  private boolean delivering;
  private boolean over;

  private Replay(EventSplitter splitter) {
    this.splitter = splitter;
  }

  /**
   * The frames of a whole answer to a request for a stream.
   *
   * @throws Failure {@code UPSTREAM_BROKEN} when it is no stream
   */
  static Frames of(Whole answer) {
    if (!answer.head().contentType().startsWith("text/event-stream")) {
      String message = "the upstream answered with a document where a stream was asked for";
      throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
    }
    EventSplitter splitter = new EventSplitter(answer.body().length());
    splitter.feed(answer.body());
    return new Replay(splitter);
  }

  @Override
  public void read(Reader to) {
    reader = to;
    deliver();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    deliver();
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    while (!paused && !over) {
      step();
    }
    delivering = false;
  }

  private void step() {
    Frame frame = splitter.next();
    if (frame == null || EventSplitter.isDone(frame)) {
      over = true;
      reader.end();
    } else {
      reader.frame(frame);
    }
  }
}
