package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.redis.Stability.Backoff;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(100, 5_000);

  @Test
  void itDoublesUpToTheCapAndNeverBeyond() {
    assertBetween(1, 50, 100);
    assertBetween(2, 100, 200);
    assertBetween(6, 1_600, 3_200);
    assertBetween(7, 2_500, 5_000);
    assertBetween(Integer.MAX_VALUE, 2_500, 5_000);
  }

  @Test
  void twoReplicasDoNotComeBackTogether() {
    assertThat(LongStream.range(0, 100).map(i -> backoff.delay(5)).distinct().count())
        .isGreaterThan(10);
  }

  private void assertBetween(int failed, long min, long max) {
    for (int i = 0; i < 200; i++) {
      assertThat(backoff.delay(failed)).isBetween(min, max);
    }
  }
}
