package dev.refrain.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.keys.Spending.Period;
import dev.refrain.keys.Spending.Report;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpendingTest {
  private long now = at("2026-11-29T23:59:59Z");
  private final Spending spending = new Spending(() -> now);

  private static long at(String instant) {
    return Instant.parse(instant).toEpochMilli();
  }

  private void assertSpent(double ofDay, double ofMonth) {
    assertThat(spending.sums().ofDay()).isEqualTo(Math.round(ofDay * Spending.UNIT));
    assertThat(spending.sums().ofMonth()).isEqualTo(Math.round(ofMonth * Spending.UNIT));
  }

  @Test
  void aDayEndsAtMidnightUtcAndAMonthWithItsLastDay() {
    spending.charge(1.5);
    assertSpent(1.5, 1.5);
    assertThat(spending.renews(Period.DAY)).isEqualTo(at("2026-11-30T00:00:00Z"));
    assertThat(spending.waitSeconds(Period.DAY)).isEqualTo(1);
    assertThat(spending.renews(Period.MONTH)).isEqualTo(at("2026-12-01T00:00:00Z"));

    now = at("2026-11-30T00:00:00Z");
    assertSpent(0, 1.5);
    spending.charge(0.25);
    assertSpent(0.25, 1.75);
    assertThat(spending.waitSeconds(Period.DAY)).isEqualTo(24 * 3600);

    now = at("2026-12-01T00:00:00Z");
    assertSpent(0, 0);
    assertThat(spending.renews(Period.MONTH)).isEqualTo(at("2027-01-01T00:00:00Z"));
  }

  @Test
  void aClockThatIsSetBackRenewsNothing() {
    spending.charge(2);
    now = at("2026-10-01T00:00:00Z");
    spending.charge(1);
    assertSpent(3, 3);
  }

  @Test
  void smallSumsAddUpExactlyAndImpossibleOnesDoNoHarm() {
    for (int i = 0; i < 1_000; i++) {
      spending.charge(0.000_000_15); // 15 cents for a million tokens, one token
    }
    assertSpent(0.000_15, 0.000_15);
    spending.charge(-1);
    spending.charge(Double.NaN);
    assertSpent(0.000_15, 0.000_15);
    spending.charge(Double.POSITIVE_INFINITY);
    spending.charge(Double.MAX_VALUE);
    assertThat(spending.sums().ofMonth()).isEqualTo(Spending.MOST);
  }

  @Test
  void whatWasKnownBeforeARestartCountsInItsDayAndItsMonth() {
    spending.charge(1);
    spending.restore(LocalDate.of(2026, 11, 29), billionths(5), billionths(70));
    assertSpent(5, 70);
    spending.restore(LocalDate.of(2026, 11, 28), billionths(9), billionths(80));
    assertSpent(5, 80);
    spending.restore(LocalDate.of(2026, 10, 29), billionths(99), billionths(99));
    assertSpent(5, 80);
  }

  private static long billionths(long units) {
    return units * (long) Spending.UNIT;
  }

  @Test
  void whatIsSpentWhileAReportIsOnItsWayIsReportedNext() {
    spending.charge(1);
    Report report = spending.begin();
    spending.charge(2);
    report.made(billionths(11), billionths(21));
    assertSpent(13, 23);
    assertThat(spending.begin().sums().newOfDay()).isEqualTo(billionths(2));
    assertThat(spending.begin().sums().newOfMonth()).isEqualTo(billionths(2));
  }

  @Test
  void aReportThatIsHeardAfterMidnightCountsInTheMonthOnly() {
    spending.charge(1);
    Report report = spending.begin();
    now = at("2026-11-30T00:00:01Z");
    spending.charge(2);
    report.made(billionths(11), billionths(21));
    assertSpent(2, 23);
    Report last = spending.begin();
    now = at("2026-12-01T00:00:01Z");
    last.made(billionths(2), billionths(23));
    assertSpent(0, 0);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void togetherTheyCountEachCallOnceThoughRepliesAndDataAreLost(long seed) {
    Random random = new Random(seed);
    List<Replica> all = Stream.generate(Replica::new).limit(3).toList();
    long spent = 0;
    for (int second = 0; second < 200; second++) {
      for (Replica each : all) {
        long cost = random.nextInt(5);
        each.spending.charge(cost);
        spent += billionths(cost);
        each.report(random.nextInt(4) > 0);
      }
      if (random.nextInt(20) == 0) {
        // All of them know the same once, and then it is lost.
        all.forEach(each -> each.report(true));
        all.forEach(each -> each.report(true));
        all.forEach(each -> each.report(true));
        shared = 0;
      }
    }
    for (int i = 0; i < 3; i++) {
      all.forEach(each -> each.report(true));
    }
    long sum = spent;
    assertThat(all).allMatch(each -> each.spending.sums().ofMonth() == sum);
  }

  private long shared;

  /** Does what the script in Redis does, for one field. */
  private final class Replica {
    private final Spending spending = new Spending(() -> now);
    private Report open;
    private boolean counted;

    void report(boolean heard) {
      if (open == null) {
        open = spending.begin();
        counted = false;
      }
      shared = Math.max(shared + (counted ? 0 : open.sums().newOfMonth()), open.sums().ofMonth());
      counted = true;
      if (heard) {
        open.made(shared, shared);
        open = null;
      }
    }
  }
}
