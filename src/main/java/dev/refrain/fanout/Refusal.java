package dev.refrain.fanout;

import dev.refrain.completion.Head;
import dev.refrain.completion.RetryAfter;
import dev.refrain.completion.Whole;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * The answer to a request one of whose parts was refused: that part's status and body. Where it
 * says when to come back, the others are heard out for a moment, because who comes back too early
 * for one of them comes in vain; the longest {@code Retry-After} is kept.
 */
final class Refusal {
  private final Vertx vertx;
  private final Duration patience;
  private final Turns turns;
  private final Consumer<Whole> answer;
  private Whole first;
  private Head latest;
  private boolean settled;

  Refusal(Vertx vertx, Duration patience, Turns turns, Consumer<Whole> answer) {
    this.vertx = vertx;
    this.patience = patience;
    this.turns = turns;
    this.answer = answer;
  }

  /** Whether any part was refused. */
  boolean begun() {
    return first != null;
  }

  /** A part was refused. */
  void add(Turn turn, Whole refused) {
    latest = later(latest, refused.head());
    if (first == null) {
      first = refused;
      turns.stop();
      if (latest != null) {
        vertx.setTimer(patience.toMillis(), id -> settle());
      }
    }
    ended(turn);
  }

  /** A part has ended, after another was refused. */
  void ended(Turn turn) {
    turns.done(turn);
    if (turns.over() || latest == null) {
      settle();
    }
  }

  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    turns.cancel();
    answer.accept(latest == null ? first : patient());
  }

  private Whole patient() {
    MultiMap headers = HttpHeaders.headers().addAll(first.head().headers());
    RetryAfter.copy(latest, headers);
    return Whole.unkept(new Head(first.head().status(), headers), first.body());
  }

  private static Head later(Head one, Head other) {
    if (one == null || !RetryAfter.isIn(other)) {
      return RetryAfter.isIn(other) ? other : one;
    }
    Instant now = Instant.now();
    return RetryAfter.millis(other, now) > RetryAfter.millis(one, now) ? other : one;
  }
}
