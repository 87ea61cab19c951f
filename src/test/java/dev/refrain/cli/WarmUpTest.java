package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  @Test
  void everyKindOfRequestIsAnsweredAtLeastOnce() {
    int round = WarmUp.CALLS.size() * WarmUp.TIMES;

    assertThat(WarmUp.run(Duration.ofMillis(1))).isEqualTo(1 + WarmUp.CLIENTS * round);
  }

  @Test
  void noTimeMeansNoRequest() {
    assertThat(WarmUp.run(Duration.ZERO)).isZero();
  }
}
