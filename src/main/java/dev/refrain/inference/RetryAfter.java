package dev.refrain.inference;

import io.netty.handler.codec.DateFormatter;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.util.Date;

/**
 * The delay before the next attempt that a response requests. Reads what OpenAI's own clients read:
 * {@code retry-after-ms} in milliseconds, then {@code Retry-After} in seconds, both with a
 * fraction, or as a date. Pure functions.
 *
 * <p>Source: RFC 9110 §10.2.3 and §5.6.7; {@code openai-python}, {@code _base_client.py}.
 */
public final class RetryAfter {
  private static final CharSequence MILLIS = HttpHeaders.createOptimized("retry-after-ms");
  private static final CharSequence SECONDS = HttpHeaders.createOptimized("retry-after");
  private static final long MOST = Integer.MAX_VALUE;

  private RetryAfter() {}

  /**
   * Milliseconds from {@code now}; 0 if the head asks for none, or in a way that has no meaning.
   */
  public static long millis(Head head, Instant now) {
    long millis = number(head.headers().get(MILLIS), 1);
    if (millis >= 0) {
      return millis;
    }
    String value = head.headers().get(SECONDS);
    long seconds = number(value, 1000);
    return seconds >= 0 ? seconds : date(value, now);
  }

  /** Whether the head names a delay, with a meaning or without. */
  public static boolean isIn(Head head) {
    return head.headers().contains(SECONDS) || head.headers().contains(MILLIS);
  }

  /** Replaces the delay in {@code headers} by that of {@code other}. */
  public static void copy(Head other, MultiMap headers) {
    for (CharSequence name : new CharSequence[] {SECONDS, MILLIS}) {
      headers.remove(name);
      String value = other.headers().get(name);
      if (value != null) {
        headers.set(name, value);
      }
    }
  }

  private static long number(String value, int factor) {
    if (value == null || value.isEmpty() || !value.chars().allMatch(RetryAfter::isDecimal)) {
      return -1;
    }
    try {
      return Math.min(MOST, Math.round(Double.parseDouble(value) * factor));
    } catch (NumberFormatException severalPoints) {
      return -1;
    }
  }

  private static boolean isDecimal(int character) {
    return character >= '0' && character <= '9' || character == '.';
  }

  private static long date(String value, Instant now) {
    Date then = value == null ? null : DateFormatter.parseHttpDate(value);
    return then == null ? 0 : Math.max(0, then.getTime() - now.toEpochMilli());
  }
}
