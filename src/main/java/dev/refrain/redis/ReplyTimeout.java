package dev.refrain.redis;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for one reply, and counts only the time in which the event loop would have read it. A loop
 * that stands still reads nothing: the reply may lie in its socket, or the command may still be in
 * it. So the wait is made of slices, and none counts for more than it was meant to last.
 *
 * <p>Lives on one event loop.
 */
final class ReplyTimeout {
  private static final int SLICES = 8;

  /** Timers are late by as much without anybody standing still. */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final Vertx vertx;
  private final Future<Response> reply;
  private final long slice;
  private final Promise<Response> outcome = Promise.promise();
  private long leftNanos;
  private long begin;
  private long timer;

  private ReplyTimeout(Vertx vertx, Future<Response> reply, long millis) {
    this.vertx = vertx;
    this.reply = reply;
    this.slice = Math.max(1, millis / SLICES);
    this.leftNanos = TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** The reply, or a {@link TimeoutException} after so many milliseconds of silence. */
  static Future<Response> within(Vertx vertx, Future<Response> reply, long millis) {
    if (reply.isComplete()) {
      return reply;
    }
    ReplyTimeout wait = new ReplyTimeout(vertx, reply, millis);
    reply.onComplete((answer, cause) -> wait.replied(answer, cause));
    wait.next();
    return wait.outcome.future();
  }

  private void replied(Response answer, Throwable cause) {
    vertx.cancelTimer(timer);
    if (cause == null) {
      outcome.tryComplete(answer);
    } else {
      outcome.tryFail(cause);
    }
  }

  private void next() {
    begin = System.nanoTime();
    long millis = Math.min(slice, TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1);
    timer = vertx.setTimer(millis, due -> passed(millis));
  }

  private void passed(long millis) {
    long most = TimeUnit.MILLISECONDS.toNanos(millis) + LATE_NANOS;
    leftNanos -= Math.min(most, System.nanoTime() - begin);
    if (leftNanos > 0) {
      next();
    } else {
      // Bytes that came in the last slice are read within a turn.
      timer = vertx.setTimer(1, due -> outcome.tryFail(new TimeoutException("no reply in time")));
    }
  }
}
