package dev.refrain.settings;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Checks files at an interval, until it is closed: the configuration, or certificates. A check that
 * takes longer than the interval delays the next one. Begins on one context and stays there; {@link
 * #close} may be called on any thread.
 */
public final class FileWatch {
  private final Vertx vertx;
  private final Supplier<Future<?>> check;
  private boolean checking;
  private volatile boolean over;

  /**
   * A watch that has not begun.
   *
   * @param check reads the files, not on the event loop, and acts on what is new
   */
  public FileWatch(Vertx vertx, Supplier<Future<?>> check) {
    this.vertx = vertx;
    this.check = check;
  }

  /** Checks the files at this interval from now on. */
  public void begin(Duration every) {
    vertx.setPeriodic(every.toMillis(), this::tick);
  }

  /** Ends the checks. */
  public void close() {
    over = true;
  }

  private void tick(long timer) {
    if (over) {
      vertx.cancelTimer(timer);
    } else if (!checking) {
      checking = true;
      check.get().onComplete(checked -> checking = false);
    }
  }
}
