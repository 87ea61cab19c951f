package dev.refrain.memory;

import static dev.refrain.memory.Reservation.STEP;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.memory.MemoryBudget.Pool;
import dev.refrain.memory.MemoryBudget.Use;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryBudgetTest {
  private final MemoryBudget budget = new MemoryBudget(10 * STEP, 2 * STEP);

  private static boolean grow(Reservation reservation, int steps) {
    return IntStream.rangeClosed(1, steps).allMatch(i -> reservation.growTo((long) i * STEP));
  }

  @Test
  void aLargeAmountLeavesRoomForSmallOnes() {
    MemoryBudget all = new MemoryBudget(320 * STEP, 0);
    Reservation large = all.reserve(Use.REQUEST_BODIES);
    assertThat(large.growTo(311 * STEP)).isFalse();
    assertThat(large.growTo(310 * STEP)).isTrue();
    assertThat(grow(all.reserve(Use.REQUEST_BODIES), 10)).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Use.class,
      names = {"RECORDINGS", "HELD_RESPONSES"})
  void whatDependsOnSlowReadersLeavesRoomForRequests(Use slow) {
    MemoryBudget all = new MemoryBudget(16 * STEP, 0);
    Reservation held = all.reserve(slow);
    assertThat(grow(held, 6)).isTrue();
    assertThat(held.growTo(7 * STEP)).isFalse();
    assertThat(grow(all.reserve(Use.REQUEST_BODIES), 10)).isTrue();
  }

  @Test
  void aReservationGrowsAndShrinksInSteps() {
    Reservation body = budget.reserve(Use.REQUEST_BODIES);
    assertThat(body.growTo(1)).isTrue();
    assertThat(budget.used(Use.REQUEST_BODIES)).isEqualTo(STEP);
    assertThat(body.growTo(STEP + 1)).isTrue();
    assertThat(budget.used(Use.REQUEST_BODIES)).isEqualTo(2 * STEP);
    body.shrinkTo(STEP);
    assertThat(budget.used(Pool.HEAP)).isEqualTo(STEP);
  }

  @Test
  void aReservationNeverShrinksByGrowing() {
    Reservation body = budget.reserve(Use.REQUEST_BODIES);
    body.growTo(3 * STEP);
    body.growTo(1);
    assertThat(budget.used(Use.REQUEST_BODIES)).isEqualTo(3 * STEP);
  }

  @Test
  void whatDoesNotFitIsRejectedAndCountedAndTakesNothing() {
    Reservation one = budget.reserve(Use.MERGED_RESPONSES);
    Reservation other = budget.reserve(Use.RESPONSES);
    assertThat(grow(one, 8)).isTrue();
    assertThat(other.growTo(3 * STEP)).isFalse();
    assertThat(budget.used(Pool.HEAP)).isEqualTo(8 * STEP);
    assertThat(budget.rejected(Use.RESPONSES)).isEqualTo(1);
    assertThat(budget.rejected(Use.MERGED_RESPONSES)).isZero();
    assertThat(other.growTo(2 * STEP)).isTrue();
  }

  @Test
  void heapAndDirectMemoryHaveBoundsOfTheirOwn() {
    assertThat(grow(budget.reserve(Use.MERGED_RESPONSES), 10)).isTrue();
    assertThat(budget.reserve(Use.UNSENT_BYTES).growTo(2 * STEP)).isTrue();
    assertThat(budget.reserve(Use.UNSENT_BYTES).growTo(1)).isFalse();
  }

  @Test
  void whatIsReleasedIsThereForOthersAndCannotGrowAgain() {
    Reservation first = budget.reserve(Use.MERGED_RESPONSES);
    grow(first, 10);
    first.release();
    first.release();
    assertThat(budget.used(Pool.HEAP)).isZero();
    assertThat(first.growTo(1)).isFalse();
    assertThat(grow(budget.reserve(Use.MERGED_RESPONSES), 10)).isTrue();
  }

  @Test
  void anotherBoundHoldsFromThenOn() {
    Reservation one = budget.reserve(Use.MERGED_RESPONSES);
    grow(one, 8);
    budget.bound(4 * STEP, STEP);
    assertThat(one.growTo(9 * STEP)).isFalse();
    one.shrinkTo(3 * STEP);
    assertThat(one.growTo(4 * STEP)).isTrue();
  }

  @Test
  void itIsNearlyFullWhenLessThanAnEighthIsLeft() {
    Reservation one = budget.reserve(Use.MERGED_RESPONSES);
    grow(one, 8);
    assertThat(budget.isNearlyFull(Pool.HEAP)).isFalse();
    one.growTo(9 * STEP);
    assertThat(budget.isNearlyFull(Pool.HEAP)).isTrue();
  }

  @Test
  void threadsThatTakeAndGiveBackAtOnceLeaveNothingBehind() {
    List<Integer> steps = IntStream.range(0, 2000).map(i -> i % 5).boxed().toList();
    steps.parallelStream()
        .forEach(
            size -> {
              Reservation one = budget.reserve(Use.values()[size]);
              one.growTo((long) size * STEP);
              assertThat(budget.used(Use.values()[size])).isNotNegative();
              one.release();
            });
    assertThat(budget.used(Pool.HEAP)).isZero();
    assertThat(IntStream.range(0, 5).mapToLong(i -> budget.used(Use.values()[i])).sum()).isZero();
  }
}
