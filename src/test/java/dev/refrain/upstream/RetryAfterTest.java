package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Head;
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
    "1.5, 0",
    "99999999999999999999, 0",
  })
  void secondsAndDatesAreUnderstoodAndNothingElse(String value, long millis) {
    Head head = new Head(429, HttpHeaders.headers().add("Retry-After", value));
    assertThat(RetryAfter.millis(head, NOW)).isEqualTo(millis);
  }

  @Test
  void withoutTheHeaderItIsAtOnce() {
    assertThat(RetryAfter.millis(new Head(503, HttpHeaders.headers()), NOW)).isZero();
  }
}
