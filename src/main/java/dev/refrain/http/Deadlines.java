package dev.refrain.http;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The clock of one event loop's callers. One coarse timer looks at all of them: a timer for each
 * request would cost more than reading it. It runs only while there is something to watch.
 */
public final class Deadlines {
  private static final long COARSEST_MILLIS = 250;
  private static final long FINEST_MILLIS = 10;

  /** Something with a deadline. */
  interface Timed {
    /** When it is too late, by {@link System#nanoTime}. */
    long due();

    /** It is too late. */
    void overdue();
  }

  private final Vertx vertx;
  private final long tickMillis;
  private final Set<Timed> timed = new LinkedHashSet<>();
  private long timer = -1;

  /**
   * A clock for the event loop it is used on.
   *
   * @param shortest of all that is waited for, which says how often to look
   */
  public Deadlines(Vertx vertx, Duration shortest) {
    this.vertx = vertx;
    this.tickMillis = Math.max(FINEST_MILLIS, Math.min(COARSEST_MILLIS, shortest.toMillis() / 4));
  }

  void add(Timed one) {
    timed.add(one);
    if (timer < 0) {
      timer = vertx.setPeriodic(tickMillis, id -> tick());
    }
  }

  void remove(Timed one) {
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
      if (timed.contains(one)) { // what one of them does may end another
        one.overdue();
      }
    }
  }
}
