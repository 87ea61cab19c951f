package dev.refrain.flight;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
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
  private Ending ending;
  private boolean paused;
  private boolean delivering;

  /** How the source ended. No failure means that it is complete. */
  private record Ending(Failure failure) {}

  /**
   * A bridge.
   *
   * @param there the source's loop
   * @param here the reader's loop
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
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    advance();
  }

  private void arrived(List<Frame> frames) {
    arrived.addAll(frames);
    advance();
  }

  private void ended(Ending how) {
    ending = how;
    advance();
  }

  private void advance() {
    if (delivering) {
      return; // a reader that resumes within its own call is served by the loop below
    }
    delivering = true;
    int delivered = 0;
    while (isWanted() && !arrived.isEmpty()) {
      Frame frame = arrived.remove();
      delivered += frame.length();
      reader.frame(frame);
    }
    delivering = false;
    acknowledge(delivered);
    if (isWanted() && arrived.isEmpty() && ending != null) {
      finish();
    }
  }

  // Frames that cross while the reader leaves are dropped.
  private boolean isWanted() {
    return !paused && !cancellation.isCancelled();
  }

  private void acknowledge(int bytes) {
    if (bytes > 0 && ending == null) {
      there.later(() -> sourceSide.acknowledged(bytes));
    }
  }

  private void finish() {
    Ending how = ending;
    ending = null;
    if (how.failure == null) {
      reader.end();
    } else {
      reader.fail(how.failure);
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
}
