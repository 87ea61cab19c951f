package dev.refrain.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Sharing.Unnumbered;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SampleCountersTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final AtomicLong now = new AtomicLong();
  private final MemoryBudget budget = new MemoryBudget(1 << 20, 1 << 20);

  private SampleCounters most(int counters) {
    return new SampleCounters(budget, counters, HOUR, now::get);
  }

  private static Unnumbered run(long id, long scope) {
    return asked(id, scope, 1, 0);
  }

  private static Unnumbered asked(long id, long scope, int choices, int slots) {
    return new Unnumbered(new Fingerprint(id, 0, 0, 0), scope, choices, slots);
  }

  @Test
  void aRunCountsElements() {
    SampleCounters counters = most(8);
    assertThat(counters.next(asked(1, 1, 2, 0))).hasValue(0);
    assertThat(counters.next(asked(1, 1, 1, 0))).hasValue(2);
    assertThat(counters.next(asked(1, 1, 3, 0))).hasValue(3);
    assertThat(counters.next(run(2, 1))).hasValue(0);
  }

  @Test
  void itGoesOnBehindWhatOthersHaveCounted() {
    SampleCounters counters = most(8);
    assertThat(counters.take(run(1, 1), 6)).isTrue();
    assertThat(counters.take(run(1, 1), 2)).isTrue();
    assertThat(counters.seen(run(1, 1))).isEqualTo(7);
    assertThat(counters.next(run(1, 1))).hasValue(7);
  }

  @Test
  void aNumberThatItGaveOutAloneIsNotTakenFromOthers() {
    SampleCounters counters = most(8);
    assertThat(counters.alone(asked(1, 1, 2, 0))).hasValue(0);
    assertThat(counters.take(run(1, 1), 1)).isFalse();
    assertThat(counters.alone(run(1, 1))).hasValue(2);
    assertThat(counters.take(run(1, 1), 2)).isFalse();
    assertThat(counters.take(run(1, 1), 3)).isTrue();
    assertThat(counters.next(run(1, 1))).hasValue(4);
  }

  @Test
  void theLeastNumberThatIsGivenBackComesNextForARequestOfItsSize() {
    SampleCounters counters = most(8);
    for (int i = 0; i < 4; i++) {
      counters.next(run(1, 1));
    }
    counters.giveBack(run(1, 1), 2);
    counters.giveBack(run(1, 1), 1);
    assertThat(counters.unused(asked(1, 1, 2, 0))).isEmpty();
    assertThat(counters.unused(run(1, 1))).hasValue(1);
    assertThat(counters.unused(run(1, 1))).hasValue(2);
    assertThat(counters.unused(run(1, 1))).isEmpty();
  }

  @Test
  void oneCallerHasHalfOfTheCountersAtMostAndNoRunIsForgotten() {
    SampleCounters counters = most(4);
    assertThat(counters.next(run(1, 1))).hasValue(0);
    assertThat(counters.next(run(2, 1))).hasValue(0);
    assertThat(counters.next(run(3, 1))).isEmpty();
    assertThat(counters.next(run(4, 2))).hasValue(0);
    assertThat(counters.next(run(5, 3))).hasValue(0);
    assertThat(counters.next(run(6, 4))).isEmpty();
    assertThat(counters.next(run(1, 1))).hasValue(1);
  }

  @Test
  void whatIsNotUsedForALongTimeMakesRoom() {
    SampleCounters counters = most(2);
    counters.next(run(1, 1));
    now.addAndGet(HOUR.toMillis() / 2);
    counters.next(run(2, 2));
    now.addAndGet(HOUR.toMillis() / 2);
    assertThat(counters.next(run(3, 1))).hasValue(0);
    assertThat(counters.next(run(2, 2))).as("still there").hasValue(1);
  }

  @Test
  void slotsTakeTurnsAndTheLeastRecentlyUsedIsForgotten() {
    SampleCounters counters = most(2);
    Unnumbered one = asked(1, 1, 2, 3);
    assertThat(new long[] {counters.slot(one), counters.slot(one), counters.slot(one)})
        .containsExactly(0, 2, 4);
    assertThat(counters.slot(one)).isZero();
    counters.slot(asked(2, 1, 1, 3));
    counters.slot(asked(3, 1, 1, 3));
    counters.slot(asked(3, 1, 1, 3));
    assertThat(counters.slot(one)).as("anew").isZero();
  }

  @Test
  void withoutMemoryNothingIsCountedAndCountersAreCounted() {
    SampleCounters counters = new SampleCounters(new MemoryBudget(1024, 1024), 8, HOUR, now::get);
    assertThat(counters.next(run(1, 1))).isEmpty();
    assertThat(counters.slot(asked(1, 1, 2, 3))).isIn(0L, 2L, 4L);
    most(8).next(run(1, 1));
    assertThat(budget.used(Use.SAMPLE_COUNTERS)).isPositive();
  }
}
