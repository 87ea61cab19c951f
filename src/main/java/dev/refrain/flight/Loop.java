package dev.refrain.flight;

import io.vertx.core.Context;

/**
 * An event loop.
 *
 * @param context by which it is reached
 * @param thread by which it is recognised
 */
record Loop(Context context, Thread thread) {
  /** Runs something on the loop: at once when already there, else in a turn to come. */
  void run(Runnable action) {
    if (Thread.currentThread() == thread) {
      action.run();
    } else {
      later(action);
    }
  }

  /** Runs something on the loop in a turn to come, after all that was so asked for before. */
  void later(Runnable action) {
    context.runOnContext(v -> action.run());
  }
}
