package dev.refrain.flight.fleet;

import dev.refrain.inference.Frame;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/**
 * Buffers frames that are not published yet and decides when to flush: at the end of the event-loop
 * turn, or after a delay while no replica is known to follow. So a new follower gets the earlier
 * frames at once and is delayed by at most one such delay, once.
 *
 * <p>Lives on one event loop. Memory: {@link #MOST} and the frames of one turn.
 */
final class PublishBuffer {
  /** The least time between two flushes without known followers, in milliseconds. */
  static final long MOMENT = 200;

  /** With so many bytes the moment is over, so that no item is much larger. */
  static final int MOST = 32 * 1024;

  /** The time of an event loop. */
  interface Time {
    /** Does something when this turn is over. */
    void afterThisTurn(Runnable what);

    /**
     * Does something after so many milliseconds.
     *
     * @return calls it off
     */
    Runnable after(long millis, Runnable what);

    /** That of the event loop which calls this. */
    static Time of(Vertx vertx) {
      return new LoopTime(vertx, vertx.getOrCreateContext());
    }
  }

  private record LoopTime(Vertx vertx, Context loop) implements Time {
    @Override
    public void afterThisTurn(Runnable what) {
      loop.runOnContext(later -> what.run());
    }

    @Override
    public Runnable after(long millis, Runnable what) {
      long timer = vertx.setTimer(millis, due -> what.run());
      return () -> vertx.cancelTimer(timer);
    }
  }

  private static final Runnable NOTHING = () -> {};

  private final Time time;
  private final Runnable due;

  private List<Frame> frames = new ArrayList<>();
  private long bytes;
  private boolean followed;
  private boolean scheduled;
  private boolean resting;
  private Runnable wake = NOTHING;

  /**
   * Nothing, so far.
   *
   * @param due runs when it is time to {@link #take} the frames and publish them
   */
  PublishBuffer(Time time, Runnable due) {
    this.time = time;
    this.due = due;
  }

  void add(Frame frame) {
    frames.add(frame);
    bytes += frame.length();
    if (!resting || bytes >= MOST) {
      schedule();
    }
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      time.afterThisTurn(this::turnIsOver);
    }
  }

  private void turnIsOver() {
    scheduled = false;
    due.run();
  }

  /** A replica follows, until the end. */
  void followed() {
    if (!followed) {
      followed = true;
      stopResting();
      schedule();
    }
  }

  /** Frames are flushed now. Without followers, the next flush is delayed. */
  void rest() {
    stopResting();
    if (!followed) {
      resting = true;
      wake = time.after(MOMENT, this::momentIsOver);
    }
  }

  private void momentIsOver() {
    resting = false;
    due.run();
  }

  private void stopResting() {
    resting = false;
    wake.run();
    wake = NOTHING;
  }

  boolean isEmpty() {
    return frames.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  /** All frames in order, to be published now. */
  List<Frame> take() {
    List<Frame> taken = frames;
    drop();
    rest();
    return taken;
  }

  /** Forgets them, and runs no timer any more. */
  void drop() {
    frames = new ArrayList<>();
    bytes = 0;
    stopResting();
  }
}
