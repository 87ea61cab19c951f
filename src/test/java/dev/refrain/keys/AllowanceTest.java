package dev.refrain.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void whatOthersTookIsNotLeftHere() {
    allowance.charge(10);
    settle(Duration.ofSeconds(10 + 25));
    assertThat(allowance.remaining()).isEqualTo(60 - 35);
  }

  @Test
  void whatIsTakenWhileItIsToldIsTakenBesides() {
    Allowance.Settlement settlement = allowance.settlement();
    allowance.charge(5);
    settlement.made(micros(Duration.ofSeconds(20)));
    assertThat(allowance.remaining()).isEqualTo(60 - 20 - 5);
    assertThat(allowance.settlement().micros()).isEqualTo(micros(Duration.ofSeconds(5)));
  }

  @Test
  void itIsToldOnceAndAgainIfItWasNotHeard() {
    allowance.charge(30);
    assertThat(allowance.settlement().micros()).isEqualTo(micros(Duration.ofSeconds(30)));
    allowance.settlement().missed();
    Allowance.Settlement again = allowance.settlement();
    assertThat(again.micros()).isEqualTo(micros(Duration.ofSeconds(30)));
    again.made(micros(Duration.ofSeconds(30)));
    assertThat(allowance.settlement().micros()).isZero();
  }

  @Test
  void whatCameBackWhileNobodyHeardIsNeverTold() {
    for (int minute = 0; minute < 10; minute++) {
      takeAll();
      allowance.settlement().missed();
      pass(Duration.ofMinutes(1));
    }
    allowance.charge(7);
    allowance.settlement().missed();
    assertThat(allowance.settlement().micros()).isEqualTo(micros(Duration.ofSeconds(7)));
  }

  @Test
  void partsOfOneMoveNothing() {
    Allowance one = new Allowance(1, () -> now);
    assertThat(one.take()).isTrue();
    one.settlement().made(micros(Duration.ofSeconds(29)));
    assertThat(one.remaining()).as("half of it is back").isZero();
    one.settlement().made(0);
    assertThat(one.remaining()).as("all of it is back").isEqualTo(1);
    one.settlement().made(micros(Duration.ofSeconds(29)));
    assertThat(one.remaining()).isEqualTo(1);
    one.settlement().made(micros(Duration.ofSeconds(31)));
    assertThat(one.remaining()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void togetherTheyLetThroughNoMoreThanOneWouldAndWhatTheOthersTakeInASecond(long seed) {
    Random random = new Random(seed);
    int limit = 1 + random.nextInt(600);
    int most = 1 + random.nextInt(40); // asked of each in a second
    List<Allowance> all = Stream.generate(() -> new Allowance(limit, () -> now)).limit(4).toList();
    Account account = new Account();
    long taken = 0;

    for (int second = 0; second < 300; second++) {
      for (Allowance each : all) {
        for (int i = random.nextInt(most + 1); i > 0; i--) {
          taken += each.take() ? 1 : 0;
        }
        pass(Duration.ofMillis(250));
        account.settle(each);
      }
    }

    double one = limit + limit * 300 / 60.0;
    assertThat((double) taken).isLessThanOrEqualTo(one + 3.0 * most + 1);
    if (4 * most / 2 * 60 > 2 * limit) {
      assertThat((double) taken).as("nobody starves").isGreaterThan(0.9 * limit * 300 / 60.0);
    }
  }

  /** What the ledger does, by the clock of this test. */
  private final class Account {
    private long back;

    void settle(Allowance allowance) {
      Allowance.Settlement settlement = allowance.settlement();
      back = Math.max(back, now / 1000) + settlement.micros();
      settlement.made(back - now / 1000);
    }
  }

  private void settle(Duration owed) {
    allowance.settlement().made(micros(owed));
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1000;
  }
}
