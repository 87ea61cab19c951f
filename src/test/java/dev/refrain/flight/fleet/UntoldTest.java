package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Frame;
import dev.refrain.testing.FakeFrames;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UntoldTest {
  private final HandPlayed time = new HandPlayed();
  private final List<List<String>> told = new ArrayList<>();
  private final Untold untold = new Untold(time, this::tell);

  private void tell() {
    if (!untold.isEmpty()) {
      told.add(untold.take().stream().map(UntoldTest::text).toList());
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
    time.pass(Untold.MOMENT);

    assertThat(told).containsExactly(List.of("one"), List.of("two", "three"));
  }

  @Test
  void everyTellingBeginsAnotherMoment() {
    turn("one");
    turn("two");
    time.pass(Untold.MOMENT);
    turn("three");
    assertThat(told).hasSize(2);
    time.pass(Untold.MOMENT);

    assertThat(told).containsExactly(List.of("one"), List.of("two"), List.of("three"));
  }

  @Test
  void afterASilenceOfAMomentAFrameIsToldAtOnceAgain() {
    turn("one");
    time.pass(Untold.MOMENT);
    turn("two");

    assertThat(told).containsExactly(List.of("one"), List.of("two"));
  }

  @Test
  void whatElseWasToldCountsAsATelling() {
    untold.rest();
    turn("one");
    assertThat(told).isEmpty();
    time.pass(Untold.MOMENT);

    assertThat(told).containsExactly(List.of("one"));
  }

  @Test
  void manyBytesDoNotWaitForTheEndOfTheMoment() {
    turn("one");
    turn("two");
    turn("x".repeat(Untold.MOST));
    assertThat(told).hasSize(2);
    assertThat(told.get(1)).hasSize(2);
    turn("three");

    assertThat(told).hasSize(2);
  }

  @Test
  void aFollowerIsToldAtOnceWhatWasGatheredAndFromThenOnEveryTurn() {
    turn("one");
    turn("two");
    untold.followed();
    time.endTurn();
    turn("three");
    turn("four");
    untold.followed();
    turn("five");

    assertThat(told)
        .containsExactly(
            List.of("one"), List.of("two"), List.of("three"), List.of("four"), List.of("five"));
    assertThat(time.alarms).isEmpty();
  }

  @Test
  void nothingIsDueAfterTheLastMoment() {
    turn("one");
    time.pass(Untold.MOMENT);

    assertThat(time.alarms).isEmpty();
    assertThat(time.turn).isEmpty();
  }

  @Test
  void whatIsDroppedIsNeitherToldNorWaitedFor() {
    turn("one");
    turn("two");
    untold.drop();

    assertThat(time.alarms).isEmpty();
    assertThat(untold.isEmpty()).isTrue();
    assertThat(untold.bytes()).isZero();
    assertThat(told).hasSize(1);
  }

  private void turn(String text) {
    add(text);
    time.endTurn();
  }

  private void add(String... texts) {
    List.of(texts).forEach(text -> untold.add(FakeFrames.data(text)));
  }

  private static String text(Frame frame) {
    return frame.text();
  }

  /** An event loop's time, which passes when the test says so. */
  private static final class HandPlayed implements Untold.Time {
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
