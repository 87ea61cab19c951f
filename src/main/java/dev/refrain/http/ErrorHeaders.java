package dev.refrain.http;

import dev.refrain.inference.Failure.Kind;
import dev.refrain.keys.Budget;
import dev.refrain.keys.Key;
import dev.refrain.keys.TokenBucket;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Sets response headers that guide the client: {@code WWW-Authenticate}, {@code Retry-After} and
 * rate limits.
 *
 * <p>Source: RFC 9110 §10.2.1, §10.2.3 and §11.6.1; OpenAI API reference, Rate limits in headers.
 */
final class ErrorHeaders {
  private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
  private static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  private static final CharSequence WWW_AUTHENTICATE =
      HttpHeaders.createOptimized("www-authenticate");
  private static final CharSequence PASSED =
      HttpHeaders.createOptimized("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  private static final String LIMITS = "x-ratelimit-";

  private ErrorHeaders() {}

  /**
   * Completes the head of a refusal.
   *
   * @param key of the request, or null
   */
  static void refuse(HttpServerResponse response, Kind kind, Key key) {
    switch (kind) {
      case METHOD_NOT_ALLOWED -> allow(response);
      case NOT_CACHED -> response.putHeader(CacheStatus.HEADER, "refrain; detail=only-if-cached");
      case OVERLOADED -> response.putHeader(RETRY_AFTER, "1");
      case UNKNOWN_KEY -> response.putHeader(WWW_AUTHENTICATE, "Bearer");
      case TOO_MANY_REQUESTS -> later(response, key.requests());
      case TOO_MANY_TOKENS -> later(response, key.tokens());
      case INSUFFICIENT_QUOTA -> nextPeriod(response, key.budget());
      default -> {}
    }
  }

  private static void allow(HttpServerResponse response) {
    if (!response.headers().contains(HttpHeaders.ALLOW)) {
      response.putHeader(HttpHeaders.ALLOW, PASSED);
    }
  }

  private static void later(HttpServerResponse response, Optional<TokenBucket> bucket) {
    long seconds = Math.max(1, bucket.map(TokenBucket::waitSeconds).orElse(1L));
    response.putHeader(RETRY_AFTER, Long.toString(seconds));
  }

  // OpenAI's SDKs would try again at once.
  private static void nextPeriod(HttpServerResponse response, Optional<Budget> budget) {
    long seconds = budget.map(Budget::waitSeconds).orElse(1L);
    response.putHeader(RETRY_AFTER, Long.toString(seconds)).putHeader(SHOULD_RETRY, "false");
  }

  /**
   * Says what a key has left, if it is limited, in the place of what the upstream says of the
   * operator's.
   */
  static void limits(MultiMap headers, Key key) {
    for (String name : Set.copyOf(headers.names())) {
      if (name.regionMatches(true, 0, LIMITS, 0, LIMITS.length())) {
        headers.remove(name);
      }
    }
    key.requests().ifPresent(left -> limit(headers, "requests", left));
    key.tokens().ifPresent(left -> limit(headers, "tokens", left));
  }

  private static void limit(MultiMap headers, String of, TokenBucket bucket) {
    headers
        .set(LIMITS + "limit-" + of, Long.toString(bucket.limit()))
        .set(LIMITS + "remaining-" + of, Long.toString(bucket.remaining()))
        .set(LIMITS + "reset-" + of, written(bucket.reset()));
  }

  /** As OpenAI writes it: {@code 120ms}, {@code 7s}, {@code 6m0s}. */
  static String written(Duration time) {
    if (time.toSeconds() == 0) {
      return time.toMillis() + "ms";
    }
    long minutes = time.toMinutes();
    return (minutes == 0 ? "" : minutes + "m") + time.toSecondsPart() + "s";
  }
}
