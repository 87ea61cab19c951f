package dev.refrain.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StrainTest {
  private final MemoryBudget memory = new MemoryBudget(10 * Reservation.STEP, 0);
  private final Reservation bodies = memory.reserve(Use.REQUEST_BODIES);
  private long overdue;
  private long now;
  private final Strain strain = new Strain(memory, () -> overdue, () -> now);

  private void after(long seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
    strain.look();
  }

  private void fill() {
    for (int i = 1; i <= 10; i++) {
      bodies.growTo((long) i * Reservation.STEP);
    }
    strain.look();
  }

  @Test
  void aBudgetThatStaysFullIsAStrain() {
    fill();
    after(4);
    assertThat(strain.isHigh()).isFalse();
    after(1);
    assertThat(strain.isHigh()).isTrue();
    assertThat(strain.isFatal()).isFalse();
  }

  @Test
  void aBudgetThatIsFullNowAndThenIsNone() {
    fill();
    after(4);
    bodies.shrinkTo(0);
    after(1);
    fill();
    after(4);
    assertThat(strain.isHigh()).isFalse();
  }

  @Test
  void itIsOverWhenThereIsRoomAgain() {
    fill();
    after(10);
    bodies.release();
    after(0);
    assertThat(strain.isHigh()).isFalse();
  }

  @Test
  void anEventLoopThatDoesNotAnswerIsAStrainAndInTheEndFatal() {
    overdue = TimeUnit.SECONDS.toNanos(4);
    assertThat(strain.isHigh()).isFalse();
    overdue = TimeUnit.SECONDS.toNanos(6);
    assertThat(strain.isHigh()).isTrue();
    assertThat(strain.isFatal()).isFalse();
    overdue = TimeUnit.SECONDS.toNanos(31);
    assertThat(strain.isFatal()).isTrue();
  }
}
