package dev.refrain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fork;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Language;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.NotStored;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
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
  private final List<NotStored> reason = new ArrayList<>();
  private final Observer observer =
      new Observer() {
        @Override
        public void notStored(NotStored why) {
          reason.add(why);
        }
      };
  private final InferenceService recorder =
      new Fork(new Recorder(1000, () -> now, recordings, observer, next), next);
  private final FakeFrames frames = new FakeFrames();
  private final Language.CompletenessCheck check = FakeRequest.STREAMS.check(1);
  private final FakeReader reader = new FakeReader();

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
    assertThat(reason).containsExactly(NotStored.UNFINISHED);
  }

  @Test
  void whatIsKeptIsNotCountedAmongWhatIsNot() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    play("end");
    frames.end();
    whole(FakeRequest.document("the end"));
    assertThat(reason).isEmpty();
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
    InferenceRequest left = FakeRequest.shareable(1, Framing.STREAM);
    streamed(left).frames().read(reader);
    play("a");
    left.cancellation().cancel();
    assertThat(reason).containsExactly(NotStored.ABANDONED);
    assertThat(recordings.count()).isZero();
  }

  @Test
  void aStreamThatIsTooLargeOrEndsInAnErrorIsNotKeptForThatReason() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    play("x".repeat(2000));
    frames.fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, "later"));
    assertThat(reason).containsExactly(NotStored.TOO_LARGE);
  }

  @Test
  void anErrorEventIsToldFromAConnectionThatBroke() {
    streamed(FakeRequest.shareable(1, Framing.STREAM)).frames().read(reader);
    frames.fail(Failure.reported(FakeFrames.data("error")));
    assertThat(reason).containsExactly(NotStored.ERROR_EVENT);
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
    InferenceRequest request = FakeRequest.shareable(1, Framing.STREAM);
    Streamed answer = streamed(request);
    answer.frames().read(reader);
    play("a");

    request.cancellation().cancel();
    play("end");

    assertThat(reason).containsExactly(NotStored.ABANDONED);
    assertThat(reader.texts()).containsExactly("a");
    assertThat(reader.ends()).isZero();
    assertThat(answer.entry().failed()).isTrue();
  }

  @Test
  void aWholeAnswerThatProvesWholeIsKeptAtOnceWithTheHeadersThatBelongToIt() {
    Head head = FakeRequest.head("application/json");
    head.headers().add("openai-model", "m-1").add("Date", "today").add("Set-Cookie", "s");
    InferenceResponse answer = whole(document(head, "the end"));

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
    Whole answer =
        Whole.notStorable(new Head(429, HttpHeaders.headers()), Buffer.buffer("the end"));
    assertThat(whole(answer)).isSameAs(answer);
    assertThat(answer.entry().failed()).isTrue();
    assertThat(reason).containsExactly(NotStored.REFUSED);
  }

  @Test
  void aFailureIsPassedOn() {
    Failure failure = Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "late");
    next.fail(failure);
    Future<InferenceResponse> answer = recorder.respond(FakeRequest.shareable(1, Framing.WHOLE));
    assertThat(answer.cause()).isSameAs(failure);
  }

  private InferenceResponse whole(Whole answer) {
    next.answer(answer);
    return recorder.respond(FakeRequest.shareable(1, Framing.WHOLE)).result();
  }

  private Streamed streamed(InferenceRequest request) {
    next.answer(stream());
    return (Streamed) recorder.respond(request).result();
  }

  private Streamed stream() {
    return Streamed.notStorable(FakeRequest.head("text/event-stream"), frames, check);
  }

  private void play(String... texts) {
    for (String text : texts) {
      check.add(FakeFrames.data(text));
      frames.offer(text);
    }
  }

  private static Whole document(Head head, String body) {
    Whole document = FakeRequest.document(body);
    return Whole.notStorable(head, document.body(), document.completeness(), UpstreamTime.NONE);
  }
}
