package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Frame;
import dev.refrain.testing.FakeFrames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PublishBufferTest {
  private final ManualTime time = new ManualTime();
  private final List<List<String>> told = new ArrayList<>();
  private final PublishBuffer buffer = new PublishBuffer(time, this::tell);

  private void tell() {
    if (!buffer.isEmpty()) {
      told.add(buffer.take().stream().map(PublishBufferTest::text).toList());
    }
  }

  @Test
  void theFirstFrameIsToldWhenItsTurnIsOver() {
    add("one", "two");
    assertThat(told).isEmpty();
    time.endTurn();

    assertThat(told).containsExactly(List.of("one", "two"));
  }

  @Test
  void whatComesWithinAMomentIsToldTogetherWhenThatIsOver() {
    turn("one");
    turn("two");
    turn("three");
    assertThat(told).containsExactly(List.of("one"));
    time.pass(PublishBuffer.MOMENT);

    assertThat(told).containsExactly(List.of("one"), List.of("two", "three"));
  }

  @Test
  void everyTellingBeginsAnotherMoment() {
    turn("one");
    turn("two");
    time.pass(PublishBuffer.MOMENT);
    turn("three");
    assertThat(told).hasSize(2);
    time.pass(PublishBuffer.MOMENT);

    assertThat(told).containsExactly(List.of("one"), List.of("two"), List.of("three"));
  }

  @Test
  void afterASilenceOfAMomentAFrameIsToldAtOnceAgain() {
    turn("one");
    time.pass(PublishBuffer.MOMENT);
    turn("two");

    assertThat(told).containsExactly(List.of("one"), List.of("two"));
  }

  @Test
  void whatElseWasToldCountsAsATelling() {
    buffer.rest();
    turn("one");
    assertThat(told).isEmpty();
    time.pass(PublishBuffer.MOMENT);

    assertThat(told).containsExactly(List.of("one"));
  }

  @Test
  void manyBytesDoNotWaitForTheEndOfTheMoment() {
    turn("one");
    turn("two");
    turn("x".repeat(PublishBuffer.MOST));
    assertThat(told).hasSize(2);
    assertThat(told.get(1)).hasSize(2);
    turn("three");

    assertThat(told).hasSize(2);
  }

  @Test
  void aFollowerIsToldAtOnceWhatWasGatheredAndFromThenOnEveryTurn() {
    turn("one");
    turn("two");
    buffer.followed();
    time.endTurn();
    turn("three");
    turn("four");
    buffer.followed();
    turn("five");

    assertThat(told)
        .containsExactly(
            List.of("one"), List.of("two"), List.of("three"), List.of("four"), List.of("five"));
    assertThat(time.alarms).isEmpty();
  }

  @Test
  void nothingIsDueAfterTheLastMoment() {
    turn("one");
    time.pass(PublishBuffer.MOMENT);

    assertThat(time.alarms).isEmpty();
    assertThat(time.turn).isEmpty();
  }

  @Test
  void whatIsDroppedIsNeitherToldNorWaitedFor() {
    turn("one");
    turn("two");
    buffer.drop();

    assertThat(time.alarms).isEmpty();
    assertThat(buffer.isEmpty()).isTrue();
    assertThat(buffer.bytes()).isZero();
    assertThat(told).hasSize(1);
  }

  private void turn(String text) {
    add(text);
    time.endTurn();
  }

  private void add(String... texts) {
    List.of(texts).forEach(text -> buffer.add(FakeFrames.data(text)));
  }

  private static String text(Frame frame) {
    return frame.text();
  }

  /** An event loop's time, which passes when the test says so. */
  private static final class ManualTime implements PublishBuffer.Time {
    private final List<Runnable> turn = new ArrayList<>();
    private final List<Alarm> alarms = new ArrayList<>();
    private long now;

    private record Alarm(long at, Runnable what) {}

    @Override
    public void afterThisTurn(Runnable what) {
      turn.add(what);
    }

    @Override
    public Runnable after(long millis, Runnable what) {
      Alarm alarm = new Alarm(now + millis, what);
      alarms.add(alarm);
      return () -> alarms.remove(alarm);
    }

    void endTurn() {
      List<Runnable> due = List.copyOf(turn);
      turn.clear();
      due.forEach(Runnable::run);
    }

    void pass(long millis) {
      now += millis;
      List<Alarm> due = alarms.stream().filter(alarm -> alarm.at <= now).toList();
      alarms.removeAll(due);
      due.forEach(alarm -> alarm.what.run());
    }
  }
}
