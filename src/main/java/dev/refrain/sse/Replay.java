package dev.refrain.sse;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import io.vertx.core.buffer.Buffer;

/** The frames of a stream that is all here, as its reader takes them. Lives on one event loop. */
public final class Replay implements Frames {
  private final EventSplitter events;
  private Reader reader;
  private boolean paused;
  private boolean delivering;
  private boolean over;

  /** The frames of a complete body with its terminator. */
  public Replay(Buffer body) {
    events = new EventSplitter(body.length());
    events.feed(body);
  }

  @Override
  public void read(Reader to) {
    reader = to;
    advance();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    advance();
  }

  private void advance() {
    if (delivering || reader == null) {
      return; // a reader that resumes within its own call is served by the loop below
    }
    delivering = true;
    while (!paused && !over) {
      Frame next = events.next();
      over = next == null || EventSplitter.isDone(next);
      if (over) {
        reader.end();
      } else {
        reader.frame(next);
      }
    }
    delivering = false;
  }
}
