package dev.refrain.upstream;

import io.vertx.core.Vertx;

/** Runs an action later on the same event loop. */
@FunctionalInterface
interface DelayScheduler {
  /**
   * Does {@code what} after so many milliseconds, at least 1.
   *
   * @return calls it off
   */
  Runnable in(long millis, Runnable what);

  /** By the timers of an event loop. */
  static DelayScheduler of(Vertx vertx) {
    return (millis, what) -> {
      long timer = vertx.setTimer(millis, id -> what.run());
      return () -> vertx.cancelTimer(timer);
    };
  }
}
