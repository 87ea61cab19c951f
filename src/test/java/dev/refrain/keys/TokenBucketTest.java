package dev.refrain.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private long now;
  private final TokenBucket bucket = new TokenBucket(60, () -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void takeAll() {
    for (int i = 0; i < 60; i++) {
      assertThat(bucket.take()).isTrue();
    }
  }

  @Test
  void aMinutesWorthIsThereAtOnceAndThenNothing() {
    takeAll();
    assertThat(bucket.take()).isFalse();
    assertThat(bucket.remaining()).isZero();
    assertThat(bucket.isLeft()).isFalse();
  }

  @Test
  void itComesBackBitByBitAndNeverMoreThanAllOfIt() {
    takeAll();
    pass(Duration.ofMillis(999));
    assertThat(bucket.take()).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(bucket.take()).isTrue();
    pass(Duration.ofHours(1));
    assertThat(bucket.remaining()).isEqualTo(60);
  }

  @Test
  void theWaitIsInWholeSecondsRoundedUp() {
    takeAll();
    assertThat(bucket.waitSeconds()).isEqualTo(1);
    bucket.charge(2);
    assertThat(bucket.waitSeconds()).isEqualTo(3);
    pass(Duration.ofMillis(500));
    assertThat(bucket.waitSeconds()).isEqualTo(3);
    pass(Duration.ofMillis(500));
    assertThat(bucket.waitSeconds()).isEqualTo(2);
  }

  @Test
  void whatWasSpentIsTakenAlthoughItIsNotThere() {
    bucket.charge(90);
    assertThat(bucket.remaining()).isZero();
    assertThat(bucket.isLeft()).isFalse();
    pass(Duration.ofSeconds(30));
    assertThat(bucket.isLeft()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(bucket.isLeft()).isTrue();
  }

  @Test
  void whatCostsNothingAndWhatNoUpstreamCanMeanDoNoHarm() {
    bucket.charge(0);
    bucket.charge(-5);
    assertThat(bucket.remaining()).isEqualTo(60);
    bucket.charge(Long.MAX_VALUE);
    bucket.charge(Long.MAX_VALUE);
    assertThat(bucket.remaining()).isBetween(0L, 60L);
    assertThat(bucket.waitSeconds()).isPositive();
    assertThat(bucket.reset()).isPositive();
  }

  @Test
  void allOfItIsBackWhenItSaysSo() {
    assertThat(bucket.reset()).isZero();
    bucket.charge(45);
    assertThat(bucket.reset()).isEqualTo(Duration.ofSeconds(45));
    bucket.charge(45);
    assertThat(bucket.reset()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void whatOthersTookIsNotLeftHere() {
    bucket.charge(10);
    settle(Duration.ofSeconds(10 + 25));
    assertThat(bucket.remaining()).isEqualTo(60 - 35);
  }

  @Test
  void whatIsTakenWhileItIsToldIsTakenBesides() {
    TokenBucket.PendingUsage pendingUsage = bucket.pendingUsage();
    bucket.charge(5);
    pendingUsage.made(micros(Duration.ofSeconds(20)));
    assertThat(bucket.remaining()).isEqualTo(60 - 20 - 5);
    assertThat(bucket.pendingUsage().micros()).isEqualTo(micros(Duration.ofSeconds(5)));
  }

  @Test
  void itIsToldOnceAndAgainIfItWasNotHeard() {
    bucket.charge(30);
    assertThat(bucket.pendingUsage().micros()).isEqualTo(micros(Duration.ofSeconds(30)));
    bucket.pendingUsage().missed();
    TokenBucket.PendingUsage again = bucket.pendingUsage();
    assertThat(again.micros()).isEqualTo(micros(Duration.ofSeconds(30)));
    again.made(micros(Duration.ofSeconds(30)));
    assertThat(bucket.pendingUsage().micros()).isZero();
  }

  @Test
  void whatCameBackWhileNobodyHeardIsNeverTold() {
    for (int minute = 0; minute < 10; minute++) {
      takeAll();
      bucket.pendingUsage().missed();
      pass(Duration.ofMinutes(1));
    }
    bucket.charge(7);
    bucket.pendingUsage().missed();
    assertThat(bucket.pendingUsage().micros()).isEqualTo(micros(Duration.ofSeconds(7)));
  }

  @Test
  void partsOfOneMoveNothing() {
    TokenBucket one = new TokenBucket(1, () -> now);
    assertThat(one.take()).isTrue();
    one.pendingUsage().made(micros(Duration.ofSeconds(29)));
    assertThat(one.remaining()).as("half of it is back").isZero();
    one.pendingUsage().made(0);
    assertThat(one.remaining()).as("all of it is back").isEqualTo(1);
    one.pendingUsage().made(micros(Duration.ofSeconds(29)));
    assertThat(one.remaining()).isEqualTo(1);
    one.pendingUsage().made(micros(Duration.ofSeconds(31)));
    assertThat(one.remaining()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void togetherTheyLetThroughNoMoreThanOneWouldAndWhatTheOthersTakeInASecond(long seed) {
    Random random = new Random(seed);
    int limit = 1 + random.nextInt(600);
    int most = 1 + random.nextInt(40); // asked of each in a second
    List<TokenBucket> all =
        Stream.generate(() -> new TokenBucket(limit, () -> now)).limit(4).toList();
    Account account = new Account();
    long taken = 0;

    for (int second = 0; second < 300; second++) {
      for (TokenBucket each : all) {
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

    void settle(TokenBucket bucket) {
      TokenBucket.PendingUsage pendingUsage = bucket.pendingUsage();
      back = Math.max(back, now / 1000) + pendingUsage.micros();
      pendingUsage.made(back - now / 1000);
    }
  }

  private void settle(Duration owed) {
    bucket.pendingUsage().made(micros(owed));
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1000;
  }
}
