package dev.refrain.upstream;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Timeouts of the calls of one event loop. One coarse timer looks at all of them, for a timer a
 * call that is set back at every read costs more than the read. It runs only while there are calls.
 */
public final class CallDeadlines {
  private static final long TICK_MILLIS = 20;

  /** Something with a time when it is too late. */
  public interface Timed {
    /** When, by {@link System#nanoTime}. */
    long due();

    /** It is too late. May leave the watch. */
    void overdue();
  }

  private final Vertx vertx;
  private final Set<Timed> timed = new LinkedHashSet<>();
  private long timer = -1;

  /** A watch for the event loop it is used on. */
  public CallDeadlines(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Looks after a call from now on. */
  public void add(Timed call) {
    timed.add(call);
    if (timer < 0) {
      timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
    }
  }

  /** Looks after it no longer; a call that is not there is no matter. */
  public void remove(Timed call) {
    timed.remove(call);
  }

  private void tick() {
    if (timed.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    long now = System.nanoTime();
    List<Timed> late = new ArrayList<>();
    for (Timed call : timed) {
      if (now - call.due() >= 0) {
        late.add(call);
      }
    }
    for (Timed call : late) {
      if (timed.contains(call)) { // what one of them does may end another
        call.overdue();
      }
    }
  }
}
