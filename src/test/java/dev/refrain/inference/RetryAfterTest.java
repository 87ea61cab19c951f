package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "2, 2000",
    "'Sun, 01 Mar 2026 10:00:07 GMT', 7000",
    "'Sun, 01 Mar 2026 09:00:00 GMT', 0",
    "-1, 0",
    "soon, 0",
    "1.5, 1500",
    "0.25, 250",
    ".5, 500",
    "1.2.3, 0",
    "., 0",
    "NaN, 0",
    "1e9, 0",
    "'', 0",
    "'Sunday, 01-Mar-26 10:00:07 GMT', 7000",
    "'Sun Mar  1 10:00:07 2026', 7000",
    "99999999999999999999, 2147483647",
  })
  void secondsWithOrWithoutAFractionAndDatesAreUnderstoodAndNothingElse(String value, long millis) {
    Head head = new Head(429, HttpHeaders.headers().add("Retry-After", value));
    assertThat(RetryAfter.millis(head, NOW)).isEqualTo(millis);
  }

  @Test
  void withoutTheHeaderItIsAtOnce() {
    assertThat(RetryAfter.millis(new Head(503, HttpHeaders.headers()), NOW)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"250, 250", "0.4, 0", "1500.6, 1501", "-3, 7000", "soon, 7000"})
  void millisecondsComeFirstAndSecondsStandInForThoseWithoutMeaning(String value, long millis) {
    Head head =
        new Head(429, HttpHeaders.headers().add("retry-after-ms", value).add("Retry-After", "7"));
    assertThat(RetryAfter.millis(head, NOW)).isEqualTo(millis);
  }
}
