package dev.refrain.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private long now;
  private final Allowance allowance = new Allowance(60, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void takeAll() {
    for (int i = 0; i < 60; i++) {
      assertThat(allowance.take()).isTrue();
    }
  }

  @Test
  void aMinutesWorthIsThereAtOnceAndThenNothing() {
    takeAll();
    assertThat(allowance.take()).isFalse();
    assertThat(allowance.remaining()).isZero();
    assertThat(allowance.isLeft()).isFalse();
  }

  @Test
  void itComesBackBitByBitAndNeverMoreThanAllOfIt() {
    takeAll();
    pass(Duration.ofMillis(999));
    assertThat(allowance.take()).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(allowance.take()).isTrue();
    pass(Duration.ofHours(1));
    assertThat(allowance.remaining()).isEqualTo(60);
  }

  @Test
  void theWaitIsInWholeSecondsRoundedUp() {
    takeAll();
    assertThat(allowance.waitSeconds()).isEqualTo(1);
    allowance.charge(2);
    assertThat(allowance.waitSeconds()).isEqualTo(3);
    pass(Duration.ofMillis(500));
    assertThat(allowance.waitSeconds()).isEqualTo(3);
    pass(Duration.ofMillis(500));
    assertThat(allowance.waitSeconds()).isEqualTo(2);
  }

  @Test
  void whatWasSpentIsTakenAlthoughItIsNotThere() {
    allowance.charge(90);
    assertThat(allowance.remaining()).isZero();
    assertThat(allowance.isLeft()).isFalse();
    pass(Duration.ofSeconds(30));
    assertThat(allowance.isLeft()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(allowance.isLeft()).isTrue();
  }

  @Test
  void whatCostsNothingAndWhatNoUpstreamCanMeanDoNoHarm() {
    allowance.charge(0);
    allowance.charge(-5);
    assertThat(allowance.remaining()).isEqualTo(60);
    allowance.charge(Long.MAX_VALUE);
    allowance.charge(Long.MAX_VALUE);
    assertThat(allowance.remaining()).isBetween(0L, 60L);
    assertThat(allowance.waitSeconds()).isPositive();
    assertThat(allowance.reset()).isPositive();
  }

  @Test
  void allOfItIsBackWhenItSaysSo() {
    assertThat(allowance.reset()).isZero();
    allowance.charge(45);
    assertThat(allowance.reset()).isEqualTo(Duration.ofSeconds(45));
    allowance.charge(45);
    assertThat(allowance.reset()).isEqualTo(Duration.ofSeconds(90));
  }
}
