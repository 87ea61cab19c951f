package dev.refrain.inference;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The timeouts of one event loop, for requests or for calls. One coarse timer checks all of them: a
 * timer for each, set back at every read, would cost more than the read. It runs only while there
 * is something to check. Lives on its event loop.
 */
public final class Deadlines {
  private static final long COARSEST_MILLIS = 250;
  private static final long FINEST_MILLIS = 10;

  /** Something with a deadline. */
  public interface Timed {
    /** The deadline, by {@link System#nanoTime}. */
    long due();

    /** The deadline has passed. May remove this or others. */
    void overdue();
  }

  private final Vertx vertx;
  private final long tickMillis;
  private final Set<Timed> timed = new LinkedHashSet<>();
  private long timer = -1;

  /**
   * Deadlines on the event loop that adds to them.
   *
   * @param tickMillis the interval of the timer
   */
  public Deadlines(Vertx vertx, long tickMillis) {
    this.vertx = vertx;
    this.tickMillis = tickMillis;
  }

  /**
   * The same with an interval that fits the timeouts.
   *
   * @param shortest the shortest timeout
   */
  public Deadlines(Vertx vertx, Duration shortest) {
    this(vertx, Math.max(FINEST_MILLIS, Math.min(COARSEST_MILLIS, shortest.toMillis() / 4)));
  }

  /** Checks it from now on. */
  public void add(Timed one) {
    timed.add(one);
    if (timer < 0) {
      timer = vertx.setPeriodic(tickMillis, id -> tick());
    }
  }

  /** Checks it no longer. Without effect if it was not added. */
  public void remove(Timed one) {
    timed.remove(one);
  }

  private void tick() {
    if (timed.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    long now = System.nanoTime();
    List<Timed> late = new ArrayList<>();
    for (Timed one : timed) {
      if (now - one.due() >= 0) {
        late.add(one);
      }
    }
    for (Timed one : late) {
      if (timed.contains(one)) { // the end of one may have removed another
        one.overdue();
      }
    }
  }
}
