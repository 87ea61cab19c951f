package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorHeadersTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0ms",
    "PT0.12S, 120ms",
    "PT0.9999S, 999ms",
    "PT1S, 1s",
    "PT59.9S, 59s",
    "PT6M, 6m0s",
    "PT2H3S, 120m3s"
  })
  void aTimeIsWrittenAsOpenAiWritesIt(Duration time, String written) {
    assertThat(ErrorHeaders.written(time)).isEqualTo(written);
  }
}
