package dev.refrain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.recording.Recording.FrameFilter;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeReader;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class RecordingTest {
  private static final int FRAME = FakeFrames.data("0").length() + 64;
  private static final Failure BROKEN = Failure.of(Failure.Kind.UPSTREAM_BROKEN, "it broke off");

  private final FakeFrames source = new FakeFrames();
  private final FakeReader reader = new FakeReader();

  @Test
  void aReaderGetsEveryFrameInOrderAndOneEnding() {
    Recording recording = new Recording(source, 1000);
    Cursor cursor = open(recording, FrameFilter.FULL);
    assertThat(source.isRead()).as("nothing is read before somebody reads").isFalse();

    source.offer("a", "b");
    cursor.read(reader);
    source.offer("c").end();

    assertThat(reader.texts()).containsExactly("a", "b", "c");
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(reader.failure()).isNull();
    assertThat(recording.recorded().result()).hasToString("data: a\n\ndata: b\n\ndata: c\n\n");
  }

  @Test
  void aReaderThatThrowsIsFailedAndTheOthersReadOn() {
    Recording recording = new Recording(source, 1000);
    FakeReader other = new FakeReader();
    open(recording, FrameFilter.FULL).read(reader.then(RecordingTest::throwAtB));
    open(recording, FrameFilter.FULL).read(other);

    source.offer("a", "b", "c").end();

    assertThat(reader.texts()).containsExactly("a", "b");
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(other.texts()).containsExactly("a", "b", "c");
    assertThat(other.failure()).isNull();
    assertThat(other.ends()).isEqualTo(1);
  }

  private static void throwAtB(String text) {
    if (text.equals("b")) {
      throw new IllegalStateException("a defect");
    }
  }

  @Test
  void commentsAreReadAndNotKept() {
    Recording recording = new Recording(source, 1000);
    open(recording, FrameFilter.FULL).read(reader);

    source.offer(FakeFrames.comment("ping")).offer("a").offer(FakeFrames.comment("ping")).end();

    assertThat(reader.texts()).containsExactly(":", "a", ":");
    assertThat(recording.recorded().result()).hasToString("data: a\n\n");
  }

  @Test
  void whatIsKeptTakesNoMoreMemoryThanItHasBytes() {
    Recording recording = new Recording(source, 1000);
    open(recording, FrameFilter.FULL).read(reader);

    source.offer("a", "b").offer(FakeFrames.comment("ping")).end();

    Buffer kept = recording.recorded().result();
    assertThat(((BufferInternal) kept).getByteBuf().array()).hasSize(kept.length());
  }

  @Test
  void aViewHidesFromOneReaderWhatIsKeptForOthers() {
    Recording recording = new Recording(source, 1000);
    FrameFilter without = frame -> frame.text().equals("b") ? Optional.empty() : Optional.of(frame);
    FakeReader other = new FakeReader();
    open(recording, without).read(reader);
    open(recording, FrameFilter.FULL).read(other);

    source.offer("a", "b", "c").end();

    assertThat(reader.texts()).containsExactly("a", "c");
    assertThat(other.texts()).containsExactly("a", "b", "c");
    assertThat(recording.recorded().result().toString()).contains("b");
  }

  @Test
  void aLateReaderBeginsAtTheFirstFrame() {
    Recording recording = new Recording(source, 1000);
    open(recording, FrameFilter.FULL).read(reader);
    source.offer("a", "b");

    FakeReader late = new FakeReader();
    open(recording, FrameFilter.FULL).read(late);
    source.offer("c").end();
    FakeReader latest = new FakeReader();
    open(recording, FrameFilter.FULL).read(latest);

    assertThat(late.texts()).containsExactly("a", "b", "c");
    assertThat(latest.texts()).containsExactly("a", "b", "c");
    assertThat(List.of(reader.ends(), late.ends(), latest.ends())).containsOnly(1);
  }

  @Test
  void withinItsBoundASlowReaderDoesNotHoldTheSourceBack() {
    Recording recording = new Recording(source, 10 * FRAME);
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader);
    cursor.pause();

    offer(10);

    assertThat(source.isPaused()).isFalse();
    assertThat(recording.open(FrameFilter.FULL, new Cancellation())).isPresent();
    assertThat(reader.texts()).isEmpty();
    source.end();
    assertThat(recording.recorded().succeeded()).isTrue();
    assertThat(reader.ends()).as("the ending waits, too").isZero();
    cursor.resume();
    assertThat(reader.texts()).hasSize(10);
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void pastItsBoundItFollowsItsSlowestReaderAndLosesNothing() {
    Recording recording = new Recording(source, 10 * FRAME);
    FakeReader fast = new FakeReader();
    Cursor slow = open(recording, FrameFilter.FULL);
    open(recording, FrameFilter.FULL).read(fast);
    slow.read(reader);
    slow.pause();

    offer(30);

    assertThat(source.isPaused()).isTrue();
    assertThat(source.waiting()).isEqualTo(19);
    assertThat(fast.texts()).hasSize(11);
    assertThat(recording.open(FrameFilter.FULL, new Cancellation())).isEmpty();
    assertThat(recording.recorded().failed()).isTrue();

    slow.resume();
    source.end();

    assertThat(source.isPaused()).isFalse();
    assertThat(reader.texts()).isEqualTo(texts(30));
    assertThat(fast.texts()).isEqualTo(texts(30));
    assertThat(List.of(reader.ends(), fast.ends())).containsOnly(1);
  }

  @Test
  void theSourceGoesOnOnlyWhenHalfOfWhatWaitedIsRead() {
    Recording recording = new Recording(source, 10 * FRAME);
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader.then(text -> cursor.pause()));
    offer(30);
    assertThat(source.waiting()).isPositive();
    int waiting = source.waiting();

    for (int i = 0; i < 4; i++) {
      cursor.resume(); // each time one frame
    }
    assertThat(source.waiting()).isEqualTo(waiting);
    assertThat(source.resumes()).isZero();
    for (int i = 0; i < 4; i++) {
      cursor.resume();
    }
    assertThat(source.resumes()).isEqualTo(1);
  }

  @Test
  void pastItsBoundAReaderThatKeepsUpHoldsNothingBack() {
    Recording recording = new Recording(source, 2 * FRAME);
    open(recording, FrameFilter.FULL).read(reader);

    offer(1000);
    source.end();

    assertThat(source.pauses()).isZero();
    assertThat(reader.texts()).isEqualTo(texts(1000));
    assertThat(recording.recorded().failed()).isTrue();
  }

  @Test
  void aFailureComesAfterTheFramesBeforeItAndNothingIsKept() {
    Recording recording = new Recording(source, 1000);
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader);
    cursor.pause();

    source.offer("a").fail(BROKEN);
    assertThat(reader.ends()).isZero();
    assertThat(recording.recorded().failed()).isTrue();

    cursor.resume();
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.failure()).isSameAs(BROKEN);
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aSlowReaderWhoLeavesNoLongerHoldsTheSourceBack() {
    Recording recording = new Recording(source, 4 * FRAME);
    FakeReader fast = new FakeReader();
    Cursor slow = open(recording, FrameFilter.FULL);
    open(recording, FrameFilter.FULL).read(fast);
    slow.read(reader);
    slow.pause();
    offer(20);
    assertThat(source.isPaused()).isTrue();

    slow.leave();
    source.end();

    assertThat(source.isPaused()).isFalse();
    assertThat(fast.texts()).isEqualTo(texts(20));
    assertThat(reader.texts()).isEmpty();
    assertThat(reader.ends()).isZero();
  }

  @Test
  void whoeverLeavesHearsNothingMore() {
    Recording recording = new Recording(source, 1000);
    Cursor cursor = open(recording, FrameFilter.FULL);
    FakeReader other = new FakeReader();
    open(recording, FrameFilter.FULL).read(other);
    cursor.read(reader);
    source.offer("a");

    cursor.leave();
    cursor.leave();
    cursor.resume();
    source.offer("b").end();

    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.ends()).isZero();
    assertThat(other.texts()).containsExactly("a", "b");
    assertThat(recording.recorded().succeeded()).isTrue();
  }

  @Test
  void onceItsCallIsCancelledNothingIsKeptAndNobodyWaitsForIt() {
    Recording recording = new Recording(source, 1000);
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader);
    source.offer("a");

    cursor.leave();
    recording.cancelled();
    recording.cancelled();

    // A failure of this call; "not kept" would mark the answer as one nobody may share.
    assertThat(recording.recorded().cause())
        .isInstanceOfSatisfying(
            Failure.class, why -> assertThat(why.kind()).isEqualTo(Failure.Kind.CANCELLED));
    assertThat(recording.open(FrameFilter.FULL, new Cancellation())).isEmpty();
    source.offer("b").end();
    assertThat(recording.recorded().failed()).isTrue();
  }

  @Test
  void itGoesOnWhenEverybodyHasLeftForItMayBeWantedLater() {
    Recording recording = new Recording(source, 1000);
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader);
    source.offer("a");

    cursor.leave();
    source.offer("b").end();

    assertThat(recording.recorded().result()).hasToString("data: a\n\ndata: b\n\n");
    FakeReader late = new FakeReader();
    open(recording, FrameFilter.FULL).read(late);
    assertThat(late.texts()).containsExactly("a", "b");
  }

  @Test
  void whatWasKeptStaysKeptWhenTheCallIsCancelledAfterwards() {
    Recording recording = new Recording(source, 1000);
    open(recording, FrameFilter.FULL).read(reader);
    source.offer("a").end();
    recording.cancelled();
    assertThat(recording.recorded().succeeded()).isTrue();
  }

  @Test
  void whoMayLeaveTheReadingToOthersHoldsNothingBackBeforeReading() {
    Recording recording = new Recording(source, 2 * FRAME);
    Cursor idle = recording.unopened(FrameFilter.FULL, new Cancellation());
    open(recording, FrameFilter.FULL).read(reader);
    offer(100);
    idle.leave();
    source.end();
    assertThat(source.pauses()).isZero();
    assertThat(reader.texts()).hasSize(100);
  }

  @Test
  void whoLeftBeforeComingHoldsNothingBack() {
    Recording recording = new Recording(source, 2 * FRAME);
    Cancellation cancellation = new Cancellation();
    cancellation.cancel();
    recording.open(FrameFilter.FULL, cancellation);
    open(recording, FrameFilter.FULL).read(reader);
    offer(100);
    source.end();
    assertThat(source.pauses()).isZero();
    assertThat(reader.texts()).hasSize(100);
  }

  @Test
  void whoReadsAfterLeavingHoldsNothingBackAndHearsNothing() {
    Recording recording = new Recording(source, 2 * FRAME);
    Cancellation cancellation = new Cancellation();
    Cursor gone = recording.unopened(FrameFilter.FULL, cancellation);
    cancellation.cancel();
    FakeReader late = new FakeReader();
    gone.read(late);
    open(recording, FrameFilter.FULL).read(reader);
    offer(100);
    source.end();
    assertThat(source.pauses()).isZero();
    assertThat(reader.texts()).hasSize(100);
    assertThat(late.texts()).isEmpty();
    assertThat(late.ends()).isZero();
  }

  @Test
  void aReaderMayPauseAndResumeAndLeaveWithinItsOwnCall() {
    Recording recording = new Recording(source, 3 * FRAME);
    Cursor cursor = open(recording, FrameFilter.FULL);
    reader.then(
        text -> {
          cursor.pause();
          if (!text.equals("5")) {
            cursor.resume();
            cursor.pause();
            cursor.resume();
          }
          if (text.equals("7")) {
            cursor.leave();
          }
        });
    cursor.read(reader);
    offer(6);
    assertThat(reader.texts()).isEqualTo(texts(6));
    source.offer("6", "7", "8");
    assertThat(reader.texts()).isEqualTo(texts(6));

    cursor.resume();
    assertThat(reader.texts()).isEqualTo(texts(8));
    assertThat(reader.ends()).isZero();
  }

  @Test
  void aStreamWithoutFramesEndsAtOnce() {
    Recording recording = new Recording(source.end(), 1000);
    open(recording, FrameFilter.FULL).read(reader);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(recording.recorded().result().length()).isZero();
  }

  @Test
  void oneFrameOverTheBoundIsDeliveredAndNotKept() {
    Recording recording = new Recording(source, 100);
    open(recording, FrameFilter.FULL).read(reader);
    source.offer("x".repeat(1000)).offer("y").end();
    assertThat(reader.texts()).hasSize(2);
    assertThat(recording.recorded().failed()).isTrue();
  }

  /** Readers of random moods; whatever they do, each gets a prefix of the stream or all of it. */
  @RepeatedTest(60)
  void everyReaderGetsEveryFrameOnceInOrder(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Recording recording = new Recording(source, (1 + random.nextInt(20)) * FRAME);
    List<Cursor> cursors = new ArrayList<>();
    List<FakeReader> readers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Cursor cursor = open(recording, FrameFilter.FULL);
      FakeReader moody = new FakeReader();
      moody.then(
          text -> {
            if (random.nextInt(3) == 0) {
              cursor.pause();
            }
            if (random.nextInt(6) == 0) {
              cursor.resume();
            }
          });
      cursors.add(cursor);
      readers.add(moody);
    }
    boolean leaves = random.nextBoolean();
    int offered = 0;
    for (int step = 0; step < 300; step++) {
      int who = random.nextInt(3);
      switch (random.nextInt(4)) {
        case 0 -> cursors.get(who).resume();
        case 1 -> cursors.get(who).pause();
        default -> source.offer("0".repeat(1 + step % 3) + offered++);
      }
      if (step == 5) {
        for (int i = 0; i < 3; i++) {
          cursors.get(i).read(readers.get(i));
        }
      }
      if (step == 150 && leaves) {
        cursors.get(2).leave();
      }
    }
    source.end();
    while (readers.get(0).ends() == 0 || readers.get(1).ends() == 0) {
      cursors.forEach(Cursor::resume);
    }
    while (!leaves && readers.get(2).ends() == 0) {
      cursors.get(2).resume();
    }

    List<String> all = readers.get(0).texts();
    assertThat(all).hasSize(offered);
    assertThat(readers.get(1).texts()).isEqualTo(all);
    List<String> last = readers.get(2).texts();
    assertThat(last).isEqualTo(all.subList(0, last.size()));
    assertThat(last.size() == offered || leaves).isTrue();
    assertThat(readers.get(2).ends()).isEqualTo(leaves ? 0 : 1);
  }

  private void offer(int count) {
    texts(count).forEach(source::offer);
  }

  private static List<String> texts(int count) {
    return IntStream.range(0, count).mapToObj(i -> String.valueOf(i % 10)).toList();
  }

  @Test
  void theQueueForgetsFromTheFrontAndCountsOn() {
    FrameQueue queue = new FrameQueue();
    for (int i = 0; i < 1000; i++) {
      queue.add(FakeFrames.data("" + i));
      queue.forgetBefore(i - 5L);
      assertThat(queue.end()).isEqualTo(i + 1L);
      assertThat(text(queue.get(Math.max(0, i - 5L)))).isEqualTo("" + Math.max(0, i - 5));
      assertThat(text(queue.get(i))).isEqualTo("" + i);
    }
    queue.forgetBefore(5000);
    assertThat(queue.bytes()).isZero();
    assertThat(queue.end()).isEqualTo(1000);
    queue.add(FakeFrames.data("next"));
    assertThat(text(queue.get(1000))).isEqualTo("next");
    assertThat(queue.joined()).hasToString("data: next\n\n");
  }

  private static String text(Frame frame) {
    return frame.text();
  }

  private static Cursor open(Recording recording, FrameFilter frameFilter) {
    return (Cursor) recording.open(frameFilter, new Cancellation()).orElseThrow();
  }

  @Test
  void withoutMemoryForMoreItClosesToOthersAndFollowsItsReader() {
    MemoryBudget budget = new MemoryBudget(256 * 1024, 0);
    Recording recording = new Recording(source, 1 << 20, FrameFilter.FULL, new Recordings(budget));
    Cursor cursor = open(recording, FrameFilter.FULL);
    cursor.read(reader);
    cursor.pause();
    String event = "x".repeat(10_000);
    for (int i = 0; i < 30 && !source.isPaused(); i++) {
      source.offer(event);
    }
    assertThat(source.isPaused()).isTrue();
    assertThat(recording.recorded().failed()).isTrue();
    assertThat(recording.open(FrameFilter.FULL, new Cancellation())).isEmpty();
    cursor.resume();
    assertThat(source.isPaused()).isFalse();
    assertThat(budget.used(MemoryBudget.Use.RECORDINGS)).isZero();
    source.end();
    assertThat(reader.ends()).isEqualTo(1);
  }
}
