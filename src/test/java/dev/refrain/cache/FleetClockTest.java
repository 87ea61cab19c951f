package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.refrain.testing.LogLines;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FleetClockTest {
  private final LogLines lines = LogLines.of(FleetClock.class);
  private long local = 1_000_000;
  private final FleetClock clock = new FleetClock(() -> local);

  @AfterEach
  void stop() {
    lines.close();
  }

  @Test
  void whatMayComeFromTheReadingItselfMovesNothing() {
    assertThat(read(300, 149)).isZero();
    assertThat(clock.offset()).isZero();
  }

  @Test
  void theMiddleOfTheReadingIsCompared() {
    assertThat(read(10, 600_000)).isEqualTo(600_000);
    assertThat(clock.getAsLong()).isEqualTo(local + 600_000);
    assertThat(read(10, 600_003)).as("within what a reading can say").isZero();
    assertThat(clock.offset()).isEqualTo(600_000);
  }

  @Test
  void goingBackBeyondTheToleranceIsReported() {
    AtomicInteger setBack = new AtomicInteger();
    clock.onSetBack(setBack::incrementAndGet);
    read(10, 5_000);
    read(10, 4_500);
    assertThat(setBack).hasValue(0);
    read(10, -60_000);
    assertThat(setBack).hasValue(1);
  }

  @Test
  void clocksThatDifferAreWarnedOfOncePerChange() {
    read(10, 5_000);
    read(10, 9_000);
    read(10, 100);
    read(10, -70_000);
    assertThat(lines.events())
        .extracting(ILoggingEvent::getFormattedMessage)
        .hasSize(3)
        .first()
        .asString()
        .contains("5000 ms behind that of Redis");
    assertThat(lines.events())
        .extracting(ILoggingEvent::getLevel)
        .containsExactly(Level.WARN, Level.INFO, Level.WARN);
  }

  /** Reads a clock that is ahead by so much, which takes so long; both in milliseconds. */
  private long read(long took, long ahead) {
    long begun = clock.begin();
    long there = local + took / 2 + ahead;
    local += took;
    return clock.correct(begun, there);
  }
}
