package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {
  private static final Duration PAUSE = Duration.ofNanos(100);

  /** Close to overflow, since that is where a clock like System.nanoTime may stand. */
  private long now = Long.MAX_VALUE - 50;

  private final Breaker breaker = new Breaker(3, PAUSE, () -> now);

  @Test
  void itOpensAtTheLimitAndSaysSoOnce() {
    assertThat(failed()).isFalse();
    assertThat(failed()).isFalse();
    assertThat(breaker.admits()).isTrue();
    assertThat(failed()).isTrue();
    assertThat(breaker.admits()).isFalse();
    assertThat(failed()).isFalse();
  }

  @Test
  void onlyFailuresInARowCount() {
    for (int i = 0; i < 10; i++) {
      assertThat(failed()).isFalse();
      assertThat(failed()).isFalse();
      breaker.succeeded();
    }
    assertThat(breaker.isClosed()).isTrue();
  }

  @Test
  void afterThePauseOneProbeIsAdmitted() {
    open();
    now += 99;
    assertThat(breaker.admits()).isFalse();
    now += 1;
    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.admits()).isFalse();
  }

  @Test
  void aGoodProbeClosesIt() {
    openAndProbe();
    breaker.succeeded();
    assertThat(breaker.isClosed()).isTrue();
    assertThat(failed()).isFalse();
  }

  @Test
  void aBadProbeOpensItForAnotherPause() {
    openAndProbe();
    assertThat(failed()).isTrue();
    now += 99;
    assertThat(breaker.admits()).isFalse();
    now += 1;
    assertThat(breaker.admits()).isTrue();
  }

  @Test
  void aProbeWithoutAVerdictMakesWayForTheNext() {
    openAndProbe();
    breaker.undecided();
    assertThat(breaker.isClosed()).isFalse();
    assertThat(breaker.admits()).isTrue();
    assertThat(breaker.admits()).isFalse();
  }

  @Test
  void aReplyFromBeforeDoesNotEndThePause() {
    open();
    breaker.succeeded();
    assertThat(breaker.admits()).isFalse();
  }

  @Test
  void thoseThatWereUnderWayTogetherAreOneSign() {
    long together = now;
    for (int i = 0; i < 100; i++) {
      now++;
      assertThat(breaker.failed(together)).isFalse();
    }
    assertThat(breaker.isClosed()).isTrue();
    assertThat(failed()).isFalse();
    assertThat(failed()).isTrue();
  }

  /** Of a question of its own. */
  private boolean failed() {
    return breaker.failed(now);
  }

  private void open() {
    while (breaker.isClosed()) {
      failed();
    }
  }

  private void openAndProbe() {
    open();
    now += 100;
    assertThat(breaker.admits()).isTrue();
  }
}
