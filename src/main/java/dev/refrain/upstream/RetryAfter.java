package dev.refrain.upstream;

import dev.refrain.completion.Head;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** When a server wants to be asked again (RFC 9110 §10.2.3). */
final class RetryAfter {
  private RetryAfter() {}

  /** Milliseconds from now; 0 if it does not say, or says nothing we understand. */
  static long millis(Head head, Instant now) {
    String value = head.headers().get(HttpHeaders.RETRY_AFTER);
    if (value == null) {
      return 0;
    }
    if (value.matches("\\d{1,9}")) {
      return Long.parseLong(value) * 1000;
    }
    try {
      Instant then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Math.max(0, then.toEpochMilli() - now.toEpochMilli());
    } catch (DateTimeParseException unreadable) {
      return 0;
    }
  }
}
