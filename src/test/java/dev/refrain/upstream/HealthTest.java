package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.upstream.Health.Admission;
import dev.refrain.upstream.Health.State;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final AtomicLong clock = new AtomicLong();
  private final Health health = new Health("h", 3, PAUSE, clock::get);

  @Test
  void soManyFailuresInARowOpenIt() {
    fail(2);
    assertThat(health.state()).isEqualTo(State.CLOSED);
    fail(1);
    assertThat(health.state()).isEqualTo(State.OPEN);
    assertThat(health.admits()).isFalse();
    assertThat(health.enter()).isEqualTo(Admission.NONE);
  }

  @Test
  void oneCallInFourThatFailsOpensItInTheEndAndOneInSixNever() {
    for (int i = 0; i < 100 && health.isClosed(); i++) {
      fail(1);
      succeed(3);
    }
    assertThat(health.state()).isEqualTo(State.OPEN);

    Health other = new Health("o", 3, PAUSE, clock::get);
    for (int i = 0; i < 1000; i++) {
      other.failed(false);
      for (int k = 0; k < 5; k++) {
        other.succeeded();
      }
    }
    assertThat(other.isClosed()).isTrue();
  }

  @Test
  void failuresOfLongAgoDoNotCount() {
    fail(2);
    assertThat(health.burden()).isEqualTo(2 * Health.FORGIVING);
    pass(Duration.ofSeconds(11));
    assertThat(health.burden()).isZero();
    fail(2);
    assertThat(health.isClosed()).isTrue();
  }

  @Test
  void afterThePauseOneCallIsOnTrialAndNobodyElseIsLetIn() {
    fail(3);
    pass(PAUSE);
    assertThat(health.admits()).isTrue();
    assertThat(health.enter()).isEqualTo(Admission.TRIAL);
    assertThat(health.state()).isEqualTo(State.HALF_OPEN);
    assertThat(health.admits()).isFalse();
    assertThat(health.enter()).isEqualTo(Admission.NONE);
    health.succeeded();
    assertThat(health.enter()).isEqualTo(Admission.FREE);
    assertThat(health.burden()).isZero();
  }

  @Test
  void aFailedTrialDoublesThePauseUpToAMost() {
    fail(3);
    Duration pause = PAUSE;
    for (int i = 0; i < 8; i++) {
      pass(pause.minusNanos(1));
      assertThat(health.admits()).as("after " + pause).isFalse();
      pass(Duration.ofNanos(1));
      assertThat(health.enter()).isEqualTo(Admission.TRIAL);
      fail(1);
      pause =
          pause.multipliedBy(2).compareTo(Duration.ofSeconds(30)) > 0
              ? Duration.ofSeconds(30)
              : pause.multipliedBy(2);
    }
    assertThat(pause).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aGoodTrialMakesTheNextPauseAShortOne() {
    fail(3);
    pass(PAUSE);
    health.enter();
    fail(1);
    pass(PAUSE.multipliedBy(2));
    health.enter();
    succeed(1);
    fail(3);
    pass(PAUSE);
    assertThat(health.enter()).isEqualTo(Admission.TRIAL);
  }

  @Test
  void aTrialGivenUpIsFollowedByAnotherAtOnce() {
    fail(3);
    pass(PAUSE);
    health.enter();
    health.undecided();
    assertThat(health.state()).isEqualTo(State.OPEN);
    assertThat(health.enter()).isEqualTo(Admission.TRIAL);
  }

  @Test
  void lateWordFromBeforeThePauseChangesNothing() {
    fail(3);
    health.succeeded();
    health.failed(false);
    health.undecided();
    assertThat(health.state()).isEqualTo(State.OPEN);
    pass(PAUSE);
    assertThat(health.admits()).isTrue();
  }

  @Test
  void whoIsSilentIsMuteUntilItTakesACall() {
    health.failed(false);
    assertThat(health.isMute()).isFalse();
    health.failed(true);
    health.failed(true);
    assertThat(health.isMute()).isTrue();
    pass(PAUSE);
    health.enter();
    assertThat(health.isMute()).isTrue();
    health.reached();
    assertThat(health.isMute()).isFalse();
    assertThat(health.state()).isEqualTo(State.HALF_OPEN);
  }

  @Test
  void aGoodProbeEndsThePauseAndABadOneBeginsItAgain() {
    fail(3);
    health.probed(true, false);
    assertThat(health.admits()).isTrue();
    health.probed(false, true);
    assertThat(health.admits()).isFalse();
    assertThat(health.isMute()).isTrue();
    pass(PAUSE.multipliedBy(2));
    assertThat(health.enter()).isEqualTo(Admission.TRIAL);
    health.probed(true, false);
    assertThat(health.state()).as("only a call closes it").isEqualTo(State.HALF_OPEN);
  }

  @Test
  void badProbesOpenItAndGoodOnesForgiveNothing() {
    health.probed(false, true);
    health.probed(true, false);
    health.probed(false, true);
    health.probed(true, false);
    assertThat(health.isClosed()).isTrue();
    health.probed(false, true);
    assertThat(health.state()).isEqualTo(State.OPEN);
  }

  @Test
  void ofManyThreadsOneIsOnTrial() throws Exception {
    for (int round = 0; round < 200; round++) {
      Health contended = new Health("c", 1, PAUSE, clock::get);
      contended.failed(true);
      pass(PAUSE);
      assertThat(Together.count(4, () -> contended.enter() == Admission.TRIAL)).isEqualTo(1);
    }
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      health.failed(false);
    }
  }

  private void succeed(int times) {
    for (int i = 0; i < times; i++) {
      health.succeeded();
    }
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }
}
