package dev.refrain.sse;

import dev.refrain.inference.Delivery;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import io.vertx.core.buffer.Buffer;

/** The frames of a stored stream, delivered as its reader takes them. Lives on one event loop. */
public final class Replay implements Frames {
  private final EventSplitter events;
  private Reader reader;
  private final Delivery delivery = new Delivery(this::deliver, this::fail);
  private boolean over;

  /** The frames of a complete body with its terminator. */
  public Replay(Buffer body) {
    events = new EventSplitter(body.length());
    events.feed(body);
  }

  @Override
  public void read(Reader to) {
    reader = to;
    delivery.advance();
  }

  @Override
  public void pause() {
    delivery.pause();
  }

  @Override
  public void resume() {
    delivery.resume();
  }

  private boolean deliver() {
    if (over || reader == null) {
      return false;
    }
    Frame next = events.next();
    over = next == null || EventSplitter.isDone(next);
    if (over) {
      reader.end();
    } else {
      reader.frame(next);
    }
    return !over;
  }

  private boolean fail(Failure defect) {
    if (over) {
      return false;
    }
    over = true;
    reader.fail(defect);
    return true;
  }
}
