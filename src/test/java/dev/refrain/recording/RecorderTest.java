package dev.refrain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Directives;
import dev.refrain.completion.Entry;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Framing;
import dev.refrain.completion.Head;
import dev.refrain.completion.Language;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Unkept;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Tokens;
import dev.refrain.completion.Wait;
import dev.refrain.completion.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecorderTest {
  private final FakeNext next = new FakeNext();
  private long now = 77;
  private final Recordings recordings = new Recordings();
  private final List<Unkept> unkept = new ArrayList<>();
  private final Observer observer =
      new Observer() {
        @Override
        public void notKept(Unkept why) {
          unkept.add(why);
        }
      };
  private final Recorder recorder = new Recorder(1000, () -> now, recordings, observer, next);
  private final FakeFrames frames = new FakeFrames();
  private final Language.Evidence evidence = FakeRequest.LANGUAGE.evidence(1);
  private final FakeReader reader = new FakeReader();

  @Test
  void aCallForItselfAloneGoesThroughUntouched() {
    CompletionRequest request = FakeRequest.alone(Framing.STREAM);
    Completion answer = stream();
    next.answer(answer);
    assertThat(recorder.complete(request).result()).isSameAs(answer);
    assertThat(next.request()).isSameAs(request);
  }

  @Test
  void aStreamThatMayBeKeptAsksForItsUsageAndHidesItFromWhomDidNotAsk() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    assertThat(next.request().usage()).isTrue();
    assertThat(next.request().framing()).isEqualTo(Framing.STREAM);

    answer.frames().read(reader);
    now += 1000; // an entry is as old as its question
    play("a", "end", "usage 5");
    frames.end();

    assertThat(reader.texts()).containsExactly("a", "end");
    Entry entry = answer.entry().result();
    assertThat(entry.body()).hasToString("data: a\n\ndata: end\n\ndata: usage 5\n\n");
    assertThat(entry.framing()).isEqualTo(Framing.STREAM);
    assertThat(entry.fingerprint()).isEqualTo(FakeRequest.fingerprint(1));
    assertThat(entry.tokens()).isEqualTo(Tokens.of(2, 3));
    assertThat(entry.storedAt()).isEqualTo(77);
  }

  @Test
  void whoAskedForTheUsageSeesIt() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM, true, Directives.NONE));
    answer.frames().read(reader);
    play("end", "usage 5");
    assertThat(reader.texts()).containsExactly("end", "usage 5");
  }

  @Test
  void theEntryIsThereBeforeTheReaderHearsOfTheEnd() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    boolean[] kept = new boolean[1];
    answer
        .frames()
        .read(
            new Frames.Reader() {
              @Override
              public void frame(Frame frame) {}

              @Override
              public void end() {
                kept[0] = answer.entry().succeeded();
              }

              @Override
              public void fail(Failure failure) {}
            });
    play("end");
    frames.end();
    assertThat(kept[0]).isTrue();
  }

  @Test
  void aStreamWithoutProofIsNotKept() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    answer.frames().read(reader);
    play("a", "b");
    frames.end();
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(answer.entry().failed()).isTrue();
    assertThat(unkept).containsExactly(Unkept.UNFINISHED);
  }

  @Test
  void whatIsKeptIsNotCountedAmongWhatIsNot() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    play("end");
    frames.end();
    whole(FakeRequest.document("the end"));
    assertThat(unkept).isEmpty();
  }

  @Test
  void aStreamCountsAsARecordingUntilItIsOverAndReadToItsEnd() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    assertThat(recordings.count()).as("before anybody reads").isZero();
    answer.frames().read(reader);
    play("a");
    assertThat(recordings.count()).isEqualTo(1);
    assertThat(recordings.bytes()).isGreaterThan(64);

    answer.frames().pause();
    play("end");
    frames.end();
    assertThat(recordings.count()).as("while somebody still reads").isEqualTo(1);
    answer.frames().resume();

    assertThat(reader.ends()).isEqualTo(1);
    assertThat(recordings.count()).isZero();
    assertThat(recordings.bytes()).isZero();
  }

  @Test
  void whyAStreamIsNotKeptIsToldOnce() {
    CompletionRequest left = FakeRequest.shareable(1, Framing.STREAM);
    streamed(left).frames().read(reader);
    play("a");
    left.cancellation().cancel();
    assertThat(unkept).containsExactly(Unkept.ABANDONED);
    assertThat(recordings.count()).isZero();
  }

  @Test
  void aStreamThatIsTooLargeOrEndsInAnErrorIsNotKeptForThatReason() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    play("x".repeat(2000));
    frames.fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, "later"));
    assertThat(unkept).containsExactly(Unkept.TOO_LARGE);
  }

  @Test
  void anErrorEventIsToldFromAConnectionThatBroke() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    frames.fail(Failure.reported(FakeFrames.data("error")));
    assertThat(unkept).containsExactly(Unkept.ERROR_EVENT);
  }

  @Test
  void aStreamThatBreaksOffIsNotKept() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    answer.frames().read(reader);
    play("end");
    frames.fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, "broken"));
    assertThat(reader.failure()).isNotNull();
    assertThat(answer.entry().failed()).isTrue();
  }

  @Test
  void aStreamOverTheBoundIsReadAndNotKept() {
    Streamed answer = streamed(FakeRequest.shareable(1, Framing.STREAM));
    answer.frames().read(reader);
    play("x".repeat(2000), "end");
    frames.end();
    assertThat(reader.texts()).hasSize(2);
    assertThat(answer.entry().failed()).isTrue();
  }

  @Test
  void aCallerWhoLeavesHearsNothingMoreAndNothingIsKept() {
    CompletionRequest request = FakeRequest.shareable(1, Framing.STREAM);
    Streamed answer = streamed(request);
    answer.frames().read(reader);
    play("a");

    request.cancellation().cancel();
    play("end");

    assertThat(unkept).containsExactly(Unkept.ABANDONED);
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.ends()).isZero();
    assertThat(answer.entry().failed()).isTrue();
  }

  @Test
  void aWholeAnswerThatProvesWholeIsKeptAtOnceWithTheHeadersThatBelongToIt() {
    Head head = FakeRequest.head("application/json");
    head.headers().add("openai-model", "m-1").add("Date", "today").add("Set-Cookie", "s");
    Completion answer = whole(document(head, "the end"));

    assertThat(answer.head().headers().contains("Date")).isTrue();
    Entry entry = answer.entry().result();
    assertThat(entry.framing()).isEqualTo(Framing.WHOLE);
    assertThat(entry.body()).hasToString("the end");
    assertThat(entry.storedAt()).isEqualTo(77);
    assertThat(entry.head().headers().names())
        .containsExactlyInAnyOrder("content-type", "openai-model");
  }

  @Test
  void aWholeAnswerWithoutProofIsNotKept() {
    Head head = FakeRequest.head("text/html");
    assertThat(whole(document(head, "<html>")).entry().failed()).isTrue();
  }

  @Test
  void anErrorStatusIsPassedOnAndNotKept() {
    Whole answer = Whole.unkept(new Head(429, HttpHeaders.headers()), Buffer.buffer("the end"));
    assertThat(whole(answer)).isSameAs(answer);
    assertThat(answer.entry().failed()).isTrue();
    assertThat(unkept).containsExactly(Unkept.REFUSED);
  }

  @Test
  void aFailureIsPassedOn() {
    Failure failure = Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "late");
    next.fail(failure);
    Future<Completion> answer = recorder.complete(FakeRequest.shareable(1, Framing.WHOLE));
    assertThat(answer.cause()).isSameAs(failure);
  }

  private Completion whole(Whole answer) {
    next.answer(answer);
    return recorder.complete(FakeRequest.shareable(1, Framing.WHOLE)).result();
  }

  private Streamed streamed(CompletionRequest request) {
    next.answer(stream());
    return (Streamed) recorder.complete(request).result();
  }

  private Streamed stream() {
    return Streamed.unkept(FakeRequest.head("text/event-stream"), frames, evidence);
  }

  private void play(String... texts) {
    for (String text : texts) {
      evidence.add(FakeFrames.data(text));
      frames.offer(text);
    }
  }

  private static Whole document(Head head, String body) {
    Whole document = FakeRequest.document(body);
    return Whole.unkept(head, document.body(), document.proof(), Wait.NONE);
  }
}
