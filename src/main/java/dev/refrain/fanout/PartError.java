package dev.refrain.fanout;

import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.RetryAfter;
import dev.refrain.inference.Whole;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The answer to a request of which a part was refused: the status and body of that part. If it has
 * a {@code Retry-After}, the other parts get a moment to answer, because a client that returns too
 * early for one of them returns in vain; the longest {@code Retry-After} is used.
 */
final class PartError {
  private final Vertx vertx;
  private final Duration patience;
  private final PartScheduler scheduler;
  private final Consumer<Whole> answer;
  private Whole first;
  private Head latest;
  private boolean settled;

  PartError(Vertx vertx, Duration patience, PartScheduler scheduler, Consumer<Whole> answer) {
    this.vertx = vertx;
    this.patience = patience;
    this.scheduler = scheduler;
    this.answer = answer;
  }

  /**
   * Whether an answer is a refusal: an error status, or a document that is an error whatever its
   * status.
   */
  static boolean is(InferenceResponse answer) {
    return answer instanceof Whole whole && (!whole.head().ok() || whole.completeness().error());
  }

  /** Whether any part was refused. */
  boolean begun() {
    return first != null;
  }

  /** A part was refused. */
  void add(RunningPart part, Whole refused) {
    latest = later(latest, refused.head());
    if (first == null) {
      first = refused;
      scheduler.stop();
      if (latest != null) {
        vertx.setTimer(patience.toMillis(), id -> settle());
      }
    }
    ended(part);
  }

  /** A part has ended, after another was refused. */
  void ended(RunningPart part) {
    scheduler.done(part);
    if (scheduler.over() || latest == null) {
      settle();
    }
  }

  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    scheduler.cancel();
    answer.accept(latest == null ? first : patient());
  }

  private Whole patient() {
    MultiMap headers = HttpHeaders.headers().addAll(first.head().headers());
    RetryAfter.copy(latest, headers);
    return Whole.notStorable(new Head(first.head().status(), headers), first.body());
  }

  private static Head later(Head one, Head other) {
    if (one == null || !RetryAfter.isIn(other)) {
      return RetryAfter.isIn(other) ? other : one;
    }
    Instant now = Instant.now();
    return RetryAfter.millis(other, now) > RetryAfter.millis(one, now) ? other : one;
  }
}
