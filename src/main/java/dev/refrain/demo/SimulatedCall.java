package dev.refrain.demo;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;

/**
 * One call in progress. Ends once, either because it was answered or because the client left, and
 * leaves no timer behind. Lives on one event loop.
 */
final class SimulatedCall {
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final UsageMeter usageMeter;
  private final long number;
  private Runnable onAbandoned = () -> {};
  private long timer = NO_TIMER;
  private boolean over;

  /**
   * @param number of the call, from 1
   */
  SimulatedCall(Vertx vertx, HttpServerResponse response, UsageMeter usageMeter, long number) {
    this.vertx = vertx;
    this.response = response;
    this.usageMeter = usageMeter;
    this.number = number;
    usageMeter.opened();
    response.exceptionHandler(e -> abandon()).closeHandler(v -> abandon());
  }

  long number() {
    return number;
  }

  HttpServerResponse response() {
    return response;
  }

  UsageMeter usageMeter() {
    return usageMeter;
  }

  /** Runs {@code action} when the client leaves before the end. */
  void onAbandoned(Runnable action) {
    onAbandoned = action;
  }

  /** Runs {@code action} later unless the call is over by then; 0 ms is a later turn. */
  void after(long millis, Runnable action) {
    if (over) {
      return;
    }
    if (millis <= 0) {
      vertx.runOnContext(v -> run(action));
    } else {
      timer = vertx.setTimer(millis, id -> run(action));
    }
  }

  /** Runs {@code action} once the client has read enough, unless it leaves. */
  void whenDrained(Runnable action) {
    response.drainHandler(
        v -> {
          response.drainHandler(null);
          run(action);
        });
  }

  /** The answer is complete, or broken off on purpose. */
  void end() {
    if (over) {
      return;
    }
    over = true;
    vertx.cancelTimer(timer);
    usageMeter.closed();
  }

  private void abandon() {
    if (over) {
      return;
    }
    end();
    usageMeter.abandon();
    onAbandoned.run();
  }

  private void run(Runnable action) {
    if (!over) {
      action.run();
    }
  }
}
