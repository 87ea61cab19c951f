package dev.refrain.flight;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Delivery;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Carries frames from one event loop to a reader on another. What comes in a turn crosses in one
 * hop; what has crossed and is not delivered yet is bounded by a window.
 */
final class LoopHandoff implements Frames {
  private static final int WINDOW = 256 * 1024;

  private final SourceSide sourceSide;
  private final Loop there;
  private final Loop here;
  private final Cancellation cancellation;

  // owned by the reader's loop
  private final Queue<Frame> arrived = new ArrayDeque<>();
  private Reader reader;
  private final Delivery delivery = new Delivery(this::deliver, this::fail);
  private Ending ending;
  private int delivered;
  private boolean over;

  /** How the source ended. No failure means that it is complete. */
  private record Ending(Failure failure) {}

  /**
   * A bridge.
   *
   * @param there the loop of the source
   * @param here the loop of the reader
   * @param cancellation by which the reader leaves, on its own loop; the source is cancelled
   *     separately
   */
  LoopHandoff(Frames source, Loop there, Loop here, Cancellation cancellation) {
    this.there = there;
    this.here = here;
    this.cancellation = cancellation;
    this.sourceSide = new SourceSide(source);
  }

  @Override
  public void read(Reader to) {
    reader = to;
    there.later(sourceSide::begin);
  }

  @Override
  public void pause() {
    delivery.pause();
  }

  @Override
  public void resume() {
    if (delivery.resume()) {
      acknowledge();
    }
  }

  private void arrived(List<Frame> frames) {
    if (over) { // others read the same source, which must not wait for this reader
      frames.forEach(frame -> delivered += frame.length());
    } else {
      arrived.addAll(frames);
    }
    advance();
  }

  private void ended(Ending how) {
    ending = how;
    advance();
  }

  private void advance() {
    if (delivery.advance()) {
      acknowledge();
    }
  }

  // Frames that cross while the reader leaves are dropped.
  private boolean deliver() {
    if (over || cancellation.isCancelled()) {
      return false;
    }
    if (!arrived.isEmpty()) {
      Frame frame = arrived.remove();
      delivered += frame.length();
      reader.frame(frame);
      return true;
    }
    if (ending != null) {
      finish();
    }
    return false;
  }

  private boolean fail(Failure defect) {
    if (over) {
      return false;
    }
    over = true;
    arrived.forEach(frame -> delivered += frame.length());
    arrived.clear();
    reader.fail(defect);
    return true;
  }

  private void acknowledge() {
    int bytes = delivered;
    delivered = 0;
    if (bytes > 0 && ending == null) {
      there.later(() -> sourceSide.acknowledged(bytes));
    }
  }

  private void finish() {
    over = true;
    if (ending.failure == null) {
      reader.end();
    } else {
      reader.fail(ending.failure);
    }
  }

  /** The far end of the bridge: reads the source. Owned by the source's loop. */
  private final class SourceSide implements Reader {
    private final Frames source;
    private List<Frame> batch = new ArrayList<>();
    private boolean scheduled;
    private long underWay;
    private boolean held;

    SourceSide(Frames source) {
      this.source = source;
    }

    void begin() {
      source.read(this);
    }

    @Override
    public void frame(Frame frame) {
      batch.add(frame);
      underWay += frame.length();
      if (!scheduled) {
        scheduled = true;
        there.later(this::send);
      }
      if (!held && underWay > WINDOW) {
        held = true;
        source.pause();
      }
    }

    private void send() {
      scheduled = false;
      if (!batch.isEmpty()) {
        List<Frame> crossing = batch;
        batch = new ArrayList<>();
        here.later(() -> arrived(crossing));
      }
    }

    void acknowledged(int bytes) {
      underWay -= bytes;
      if (held && underWay <= WINDOW / 2) {
        held = false;
        source.resume();
      }
    }

    @Override
    public void end() {
      send();
      here.later(() -> ended(new Ending(null)));
    }

    @Override
    public void fail(Failure failure) {
      send();
      here.later(() -> ended(new Ending(failure)));
    }
  }

  /**
   * An event loop.
   *
   * @param context by which it is reached
   * @param thread by which it is recognised
   */
  record Loop(Context context, Thread thread) {
    /** Runs something on the loop: at once when called on it, else in a later turn. */
    void run(Runnable action) {
      if (Thread.currentThread() == thread) {
        action.run();
      } else {
        later(action);
      }
    }

    /** Runs something in a later turn of the loop, in the order of the calls. */
    void later(Runnable action) {
      context.runOnContext(v -> action.run());
    }
  }
}
