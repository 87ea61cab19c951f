package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FleetClockTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(FleetClock.class);
  private long local = 1_000_000;
  private final FleetClock clock = new FleetClock(() -> local);

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
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
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .hasSize(3)
        .first()
        .asString()
        .contains("5000 ms behind that of Redis");
    assertThat(lines.list)
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
