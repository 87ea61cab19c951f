package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final Duration PLENTY = Duration.ofMinutes(1);

  @Test
  void everyKindOfRequestIsAnsweredAtLeastOnce() {
    int round = WarmUp.CALLS.size() * WarmUp.TIMES;

    assertThat(WarmUp.run(Duration.ofMillis(1), PLENTY)).isEqualTo(1 + round);
  }

  @Test
  void noTimeMeansNoRequest() {
    assertThat(WarmUp.run(Duration.ZERO, PLENTY)).isZero();
  }

  @Test
  void itIsGivenUpWhenItTakesTooLong() {
    Duration minute = Duration.ofMinutes(1);

    assertThat(WarmUp.run(minute, Duration.ofMillis(1))).isZero();
  }
}
