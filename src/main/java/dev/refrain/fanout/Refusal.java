package dev.refrain.fanout;

import dev.refrain.completion.Head;
import dev.refrain.completion.Whole;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.function.Consumer;

/**
 * The answer to a request one of whose parts was refused: that part's status and body. Where it
 * says when to come back, the others are heard out for a moment, because who comes back too early
 * for one of them comes in vain; the longest {@code Retry-After} is kept.
 */
final class Refusal {
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");

  private final Vertx vertx;
  private final Duration patience;
  private final Turns turns;
  private final Consumer<Whole> answer;
  private Whole first;
  private String retryAfter;
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
    retryAfter = later(retryAfter, refused.head().headers().get(RETRY_AFTER));
    if (first == null) {
      first = refused;
      turns.stop();
      if (retryAfter != null) {
        vertx.setTimer(patience.toMillis(), id -> settle());
      }
    }
    ended(turn);
  }

  /** A part has ended, after another was refused. */
  void ended(Turn turn) {
    turns.done(turn);
    if (turns.over() || retryAfter == null) {
      settle();
    }
  }

  private void settle() {
    if (settled) {
      return;
    }
    settled = true;
    turns.cancel();
    answer.accept(retryAfter == null ? first : patient());
  }

  private Whole patient() {
    MultiMap headers = HttpHeaders.headers().addAll(first.head().headers());
    headers.set(RETRY_AFTER, retryAfter);
    return Whole.unkept(new Head(first.head().status(), headers), first.body());
  }

  private static String later(String one, String other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return wait(other).compareTo(wait(one)) > 0 ? other : one;
  }

  // Seconds or a date (RFC 9110 §10.2.3); anything else asks for nothing.
  private static Duration wait(String value) {
    try {
      return value.chars().allMatch(Character::isDigit)
          ? Duration.ofSeconds(Long.parseLong(value))
          : Duration.between(
              Instant.now(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException | NumberFormatException neither) {
      return Duration.ZERO;
    }
  }
}
