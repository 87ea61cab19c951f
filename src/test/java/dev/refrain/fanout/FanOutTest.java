package dev.refrain.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceRequest.ResponseForm;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Source;
import dev.refrain.inference.Split;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class FanOutTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Duration LONG = Duration.ofMinutes(1);

  private final FakeNext next = new FakeNext();
  private final Waiting waiting = new Waiting();

  @AfterAll
  static void close() {
    VERTX.close().await();
  }

  @Test
  void aRequestThatIsOneCallGoesOnAsItIs() {
    InferenceRequest request = FakeRequest.shareable(1, Framing.WHOLE);
    Future<InferenceResponse> answer = fanOut(4).respond(request);
    assertThat(next.request()).isSameAs(request);
    InferenceResponse given = document("a");
    next.answer(given);
    assertThat(answer.result()).isSameAs(given);
  }

  @Test
  void documentsAreMergedInTheOrderOfTheirPartsHoweverTheyCome() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 3, 1));
    assertThat(next.calls()).isEqualTo(3);
    next.answer(document("a")).answer(document("b"));
    assertThat(answer.isComplete()).isFalse();
    next.answer(document("c"));
    assertThat(((Whole) answer.result()).body().toString()).isEqualTo("0:a 1:b 2:c ");
  }

  @Test
  void onePartMayStandForManyChoices() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 1, 3));
    next.answer(document("a"));
    assertThat(((Whole) answer.result()).body().toString()).isEqualTo("0:a 1:a 2:a ");
    assertThat(waiting.replicated).isEqualTo(2);
  }

  @Test
  void noMoreThanAreAllowedAreUnderWayAndTheOthersFollowInOrder() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.WHOLE, 5, 1));
    assertThat(next.calls()).isEqualTo(2);
    assertThat(waiting.now).isEqualTo(3);
    next.answer(document("a"));
    assertThat(next.calls()).isEqualTo(3);
    next.answer(document("b")).answer(document("c")).answer(document("d")).answer(document("e"));
    assertThat(waiting.now).isZero();
    assertThat(((Whole) answer.result()).body().toString()).isEqualTo("0:a 1:b 2:c 3:d 4:e ");
  }

  @Test
  void manyPartsThatAreAnsweredAtOnceNeedNoStack() {
    for (int i = 0; i < 20_000; i++) {
      next.answer(document("x"));
    }
    Future<InferenceResponse> answer = fanOut(3).respond(request(Framing.WHOLE, 20_000, 1));
    assertThat(answer.succeeded()).isTrue();
  }

  @Test
  void manyStreamsThatAreKeptNeedNoStack() {
    for (int i = 0; i < 20_000; i++) {
      next.answer(kept("x", "end"));
    }
    FakeReader reader = read(fanOut(3).respond(request(Framing.STREAM, 20_000, 1)));
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(reader.texts()).hasSize(40_000);
  }

  @Test
  void whatIsTooLargeTogetherIsAFailureAndEndsTheOthers() {
    FanOutSettings small = new FanOutSettings(4, LONG, 10, LONG, LONG);
    Future<InferenceResponse> answer = fanOut(small).respond(request(Framing.WHOLE, 3, 1));
    next.answer(document("123456")).answer(document("789012"));
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(cancelled(2)).isTrue();
  }

  @Test
  void oneRefusalIsTheWholeRequestsAndEndsTheOthers() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.WHOLE, 4, 1));
    next.answer(refusal(400, null));
    assertThat(answer.result().head().status()).isEqualTo(400);
    assertThat(cancelled(1)).isTrue();
    assertThat(next.calls()).isEqualTo(2);
    assertThat(waiting.now).isZero();
  }

  @Test
  void theLongestRetryAfterIsKept() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 3, 1));
    next.answer(refusal(429, "2")).answer(refusal(429, "30"));
    assertThat(answer.isComplete()).isFalse();
    next.answer(refusal(429, "7"));
    assertThat(answer.result().head().headers().get("Retry-After")).isEqualTo("30");
  }

  @Test
  void theLongestOfDelaysInSecondsAndMillisecondsIsKept() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 3, 1));
    Whole inMillis = (Whole) refusal(429, "1");
    inMillis.head().headers().set("retry-after-ms", "2600");
    next.answer(refusal(429, "2.5")).answer(inMillis).answer(refusal(429, "0.7"));
    assertThat(answer.result().head().headers().get("Retry-After")).isEqualTo("1");
    assertThat(answer.result().head().headers().get("retry-after-ms")).isEqualTo("2600");
  }

  @Test
  void whoSaysNothingIsNotWaitedForLongAfterARefusal() {
    FanOutSettings hasty = new FanOutSettings(4, LONG, 1000, Duration.ofMillis(1), LONG);
    Future<InferenceResponse> answer = fanOut(hasty).respond(request(Framing.WHOLE, 2, 1));
    next.answer(refusal(429, "2"));
    await().until(answer::isComplete);
    assertThat(answer.result().head().headers().get("Retry-After")).isEqualTo("2");
    assertThat(cancelled(1)).isTrue();
  }

  @Test
  void oneFailureIsTheWholeRequestsAndEndsTheOthers() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 4, 1));
    next.fail(broken());
    assertThat(answer.failed()).isTrue();
    assertThat(cancelled(1)).isTrue();
    assertThat(waiting.now).isZero();
  }

  @Test
  void answersThatCannotBeMergedAreAFailure() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.WHOLE, 2, 1));
    next.answer(document("a")).answer(document("strange"));
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
  }

  @Test
  void aDocumentWhereAStreamWasAskedForIsSungAsOne() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(document("a")).answer(kept("b", "end"));
    FakeReader reader = read(answer);
    assertThat(reader.texts()).containsExactly("0:a", "1:b", "1:end");
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(answer.result().head().contentType()).isEqualTo("text/event-stream");
  }

  @Test
  void whatIsNoStreamAndCannotBecomeOneIsAFailure() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(document("strange"));
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(cancelled(1)).isTrue();
  }

  @Test
  void notAllInTimeIsAFailureAndEndsTheOthers() {
    FanOutSettings brief = new FanOutSettings(2, Duration.ofMillis(20), 1000, LONG, LONG);
    Future<InferenceResponse> answer = fanOut(brief).respond(request(Framing.WHOLE, 4, 1));
    await().until(answer::isComplete);
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_TIMEOUT);
    assertThat(cancelled(0)).isTrue();
    assertThat(waiting.now).isZero();
  }

  @Test
  void streamsFollowEachOtherAsTheyComeAndEndOnce() {
    FakeFrames one = new FakeFrames();
    FakeFrames two = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    one.offer("a");
    next.answer(stream(two));
    two.offer("b");
    one.offer("c", "end").end();
    assertThat(reader.ends()).isZero();
    two.offer("end").end();
    assertThat(reader.texts()).containsExactly("0:a", "1:b", "0:c", "0:end", "1:end");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void usageIsSaidOnceAndLast() {
    FakeFrames one = new FakeFrames();
    InferenceRequest request = request(Framing.STREAM, 2, 1).with(Framing.STREAM, true);
    Future<InferenceResponse> answer = fanOut(4).respond(request);
    next.answer(stream(one)).answer(kept("b", "usage 2"));
    FakeReader reader = read(answer);
    one.offer("a", "usage 1").end();
    assertThat(reader.texts()).containsExactly("1:b", "0:a", "usage of 2");
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void aReaderThatHoldsBackHoldsBackEveryPart() {
    FakeFrames one = new FakeFrames();
    FakeFrames two = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.STREAM, 2, 2));
    next.answer(stream(one)).answer(stream(two));
    FakeReader reader = new FakeReader();
    Streamed merged = (Streamed) answer.result();
    reader.then(text -> merged.frames().pause());
    merged.frames().read(reader);
    one.offer("a");
    two.offer("b");
    // one frame for each of two copies: the second waits, too
    assertThat(reader.texts()).containsExactly("0:a");
    assertThat(one.isPaused()).isTrue();
    assertThat(two.isPaused()).isTrue();
    merged.frames().resume();
    assertThat(reader.texts()).containsExactly("0:a", "1:a");
    merged.frames().resume();
    merged.frames().resume();
    assertThat(reader.texts()).containsExactly("0:a", "1:a", "2:b", "3:b");
    one.end();
    two.end();
    assertThat(reader.ends()).isZero();
    merged.frames().resume();
    assertThat(reader.ends()).isEqualTo(1);
  }

  @Test
  void partsGoOnInTurnAfterAHold() {
    FakeFrames one = new FakeFrames();
    FakeFrames two = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one)).answer(stream(two));
    Streamed merged = (Streamed) answer.result();
    FakeReader reader = new FakeReader();
    reader.then(text -> merged.frames().pause());
    one.offer("a", "b", "c");
    two.offer("x", "y", "z");
    merged.frames().read(reader);
    for (int i = 0; i < 5; i++) {
      merged.frames().resume();
    }
    assertThat(reader.texts()).containsExactly("0:a", "1:x", "0:b", "1:y", "0:c", "1:z");
  }

  @Test
  void aPartThatComesWhileTheReaderHoldsBackIsNotReadYet() {
    FakeFrames one = new FakeFrames();
    FakeFrames two = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    Streamed merged = (Streamed) answer.result();
    merged.frames().pause();
    next.answer(stream(two));
    two.offer("b");
    assertThat(two.isRead()).isFalse();
    merged.frames().resume();
    assertThat(reader.texts()).containsExactly("1:b");
  }

  @Test
  void aPartThatBreaksOffEndsTheStreamAndTheOthers() {
    FakeFrames one = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 3, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    one.offer("a").fail(broken());
    assertThat(reader.failure()).isNotNull();
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(cancelled(1)).isTrue();
    assertThat(next.calls()).isEqualTo(2);
    assertThat(waiting.now).isZero();
  }

  @Test
  void aRefusalAfterTheHeadIsToldInTheStreamInTheUpstreamsWords() {
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(new FakeFrames()));
    FakeReader reader = read(answer);
    next.answer(refusal(429, "1"));
    assertThat(reader.failure().event().text()).isEqualTo("{\"error\":  {\"message\": \"no\"}}");
  }

  @Test
  void aFrameNobodyUnderstandsEndsTheStream() {
    FakeFrames one = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    one.offer("strange", "more");
    assertThat(reader.failure()).isNotNull();
    assertThat(reader.texts()).isEmpty();
    assertThat(cancelled(0)).isTrue();
    assertThat(cancelled(1)).isTrue();
  }

  @Test
  void aReaderThatThrowsEndsTheStreamAndTheOthers() {
    FakeFrames one = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    reader.then(
        text -> {
          throw new IllegalStateException(text);
        });
    one.offer("a", "b");
    assertThat(reader.texts()).containsExactly("0:a");
    assertThat(reader.failure().kind()).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(cancelled(0)).isTrue();
    assertThat(cancelled(1)).isTrue();
  }

  @Test
  void aPartThatCannotBeMadeFailsTheRequestAndEndsTheOthers() {
    Even parts = new Even(Framing.WHOLE, 3, 1, false);
    InferenceRequest request = divided(Framing.WHOLE, new Defective(parts));
    Future<InferenceResponse> answer = fanOut(4).respond(request);
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(cancelled(0)).isTrue();
  }

  @Test
  void aFailureWaitsForAReaderWhoHoldsBack() {
    FakeFrames one = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(2).respond(request(Framing.STREAM, 2, 1));
    next.answer(stream(one));
    FakeReader reader = read(answer);
    Streamed merged = (Streamed) answer.result();
    merged.frames().pause();
    next.fail(broken());
    assertThat(reader.ends()).isZero();
    assertThat(cancelled(0)).isTrue();
    merged.frames().resume();
    assertThat(reader.failure()).isNotNull();
  }

  @Test
  void whoLeavesEndsEverythingAndHearsNothing() {
    InferenceRequest request = request(Framing.STREAM, 5, 1);
    FakeFrames one = new FakeFrames();
    Future<InferenceResponse> answer = fanOut(2).respond(request);
    next.answer(stream(one));
    FakeReader reader = read(answer);
    request.cancellation().cancel();
    one.offer("late").end();
    assertThat(cancelled(0)).isTrue();
    assertThat(cancelled(1)).isTrue();
    assertThat(next.calls()).isEqualTo(2);
    assertThat(waiting.now).isZero();
    assertThat(reader.texts()).isEmpty();
    assertThat(reader.ends()).isZero();
  }

  @Test
  void whatIsPaidIsOnlyWhatTheUpstreamWasAskedFor() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 2, 1));
    next.answer(keptDocument(1, "a", Source.MEMORY)).answer(keptDocument(2, "b", Source.UPSTREAM));
    assertThat(answer.result().head().headers().get("X-Refrain-Upstream-Tokens")).isEqualTo("5");
    Provenance from = answer.result().provenance();
    assertThat(from.source()).isEqualTo(Source.UPSTREAM);
    assertThat(from.partCount()).isEqualTo(new Provenance.PartCount(2, 1, 1, true));
    assertThat(waiting.answered).containsExactly(Source.MEMORY);
  }

  @Test
  void whatAMergedAnswerSaysItCostCountsEveryCopyWhoeverPaid() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 2, 3));
    next.answer(keptDocument(1, "a", Source.MEMORY)).answer(keptDocument(2, "b", Source.UPSTREAM));
    assertThat(answer.result().tokens()).isEqualTo(Tokens.of(2 + 2, 3 * 3 + 3 * 3));
  }

  @Test
  void whatAMergedAnswerCostIsUnknownIfItIsOfAPart() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 2, 1));
    next.answer(document("says nothing")).answer(keptDocument(2, "b", Source.UPSTREAM));
    assertThat(answer.result().tokens()).isEqualTo(Tokens.UNKNOWN);
  }

  @Test
  void anAnswerWhosePartsWereAllKeptIsAHitAsOldAsTheOldest() {
    Future<InferenceResponse> answer = fanOut(4).respond(request(Framing.WHOLE, 2, 1));
    next.answer(keptDocument(1, "a", Source.MEMORY)).answer(keptDocument(2, "b", Source.REDIS));
    Provenance from = answer.result().provenance();
    assertThat(from.hit()).isTrue();
    assertThat(from.storedAt()).isEqualTo(1);
    assertThat(from.expiresAt()).isEqualTo(11);
  }

  @Test
  void aRequestThatGoesAsItCameIsFirstLookedForPartByPart() {
    Future<InferenceResponse> answer = fanOut(4).respond(asOne(Framing.STREAM));
    assertThat(next.requests()).allMatch(part -> part.directives().onlyIfCached());
    next.answer(kept("a")).answer(kept("b"));
    FakeReader reader = read(answer);
    assertThat(reader.texts()).containsExactly("0:a", "1:b");
    assertThat(next.calls()).isEqualTo(2);
  }

  @Test
  void aRequestThatGoesAsItCameGoesSoWhenOnePartIsMissing() {
    InferenceRequest request = asOne(Framing.STREAM);
    Future<InferenceResponse> answer = fanOut(4).respond(request);
    next.answer(kept("a")).fail(Failure.of(Failure.Kind.NOT_CACHED, "none"));
    assertThat(next.requests().get(2)).isSameAs(request);
    assertThat(cancelled(0)).isTrue();
    InferenceResponse whole = document("whole");
    next.answer(whole);
    assertThat(answer.result()).isSameAs(whole);
  }

  @Test
  void aCallOfAnotherIsNotHeldBackWhileAPartIsWaitedFor() {
    InferenceRequest request = asOne(Framing.STREAM);
    fanOut(4).respond(request);
    Promise<Entry> entry = Promise.promise();
    next.answer(recorded(new FakeFrames().offer("a"), entry.future()));
    assertThat(cancelled(0)).as("joined").isFalse();
    entry.fail(Entry.none().cause()); // from now on its slowest reader holds it back
    assertThat(cancelled(0)).as("joined").isTrue();
    assertThat(next.requests().get(2)).isSameAs(request);
  }

  @Test
  void aCallOfAnotherIsReadToItsEndOnceEveryPartIsThere() {
    FakeFrames frames = new FakeFrames().offer("a");
    Promise<Entry> entry = Promise.promise();
    Future<InferenceResponse> answer = fanOut(4).respond(asOne(Framing.STREAM));
    next.answer(recorded(frames, entry.future())).answer(kept("b"));
    FakeReader reader = read(answer);
    entry.fail(Entry.none().cause());
    frames.offer("c").end();
    assertThat(reader.texts()).containsExactly("0:a", "1:b", "0:c");
    assertThat(reader.ends()).isEqualTo(1);
  }

  private FanOut fanOut(int atOnce) {
    return fanOut(new FanOutSettings(atOnce, LONG, 1 << 20, LONG, LONG));
  }

  private FanOut fanOut(FanOutSettings settings) {
    return new FanOut(VERTX, settings, waiting, entry -> true, next);
  }

  private boolean cancelled(int call) {
    return next.requests().get(call).cancellation().isCancelled();
  }

  private static FakeReader read(Future<InferenceResponse> answer) {
    FakeReader reader = new FakeReader();
    ((Streamed) answer.result()).frames().read(reader);
    return reader;
  }

  private static InferenceRequest request(Framing framing, int parts, int copies) {
    return divided(framing, new Even(framing, parts, copies, false));
  }

  private static InferenceRequest asOne(Framing framing) {
    return divided(framing, new Even(framing, 2, 1, true));
  }

  private static InferenceRequest divided(Framing framing, Split split) {
    InferenceRequest plain = FakeRequest.shareable(99, framing);
    return new InferenceRequest(
        plain.call(),
        plain.endpoint(),
        plain.model(),
        new ResponseForm(framing, plain.usage(), split.parts()),
        plain.content(),
        split,
        plain.language(),
        plain.sharing(),
        plain.directives(),
        plain.cancellation());
  }

  private static InferenceResponse document(String text) {
    return FakeRequest.document(text);
  }

  private static InferenceResponse keptDocument(int age, String text, Source source) {
    Entry entry = FakeRequest.entry(age, Framing.WHOLE, text, age);
    return new Whole(
        entry.head(),
        entry.body(),
        entry.completeness(),
        new Provenance(source, age, 10 + age),
        Future.succeededFuture(entry));
  }

  private static InferenceResponse kept(String... texts) {
    Buffer body = Buffer.buffer();
    for (String text : texts) {
      FakeFrames.data(text).appendTo(body);
    }
    body.appendString("data: [DONE]\n\n");
    Head head = FakeRequest.head("text/event-stream");
    return Whole.notStorable(head, body).from(new Provenance(Source.MEMORY, 1, 2));
  }

  private static InferenceResponse stream(FakeFrames frames) {
    return new Streamed(
        FakeRequest.head("text/event-stream"),
        frames,
        FakeRequest.STREAMS.check(1),
        Provenance.UPSTREAM,
        Entry.none());
  }

  private static InferenceResponse recorded(FakeFrames frames, Future<Entry> entry) {
    return ((Streamed) stream(frames)).with(entry);
  }

  private static InferenceResponse refusal(int status, String retryAfter) {
    Head head = new Head(status, FakeRequest.head("application/json").headers());
    if (retryAfter != null) {
      head.headers().set("Retry-After", retryAfter);
    }
    return Whole.notStorable(head, Buffer.buffer("{\"error\":\n {\"message\": \"no\"}}"));
  }

  private static Failure broken() {
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, "broken");
  }

  /** Parts with so many copies each. */
  private record Even(Framing framing, int parts, int copies, boolean asOne) implements Split {
    @Override
    public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
      InferenceRequest request = FakeRequest.shareable(part, framing).with(cancellation);
      return new Part(request, part, part * copies, copies);
    }

    @Override
    public List<Entry> entries(InferenceRequest whole, Entry entry) {
      return List.of();
    }
  }

  /** The second of its parts is a defect. */
  private record Defective(Even even) implements Split {
    @Override
    public int parts() {
      return even.parts();
    }

    @Override
    public boolean asOne() {
      return false;
    }

    @Override
    public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
      if (part == 1) {
        throw new IllegalStateException("a defect");
      }
      return even.part(whole, part, cancellation);
    }

    @Override
    public List<Entry> entries(InferenceRequest whole, Entry entry) {
      return List.of();
    }
  }

  private static final class Waiting implements Observer {
    private final List<Source> answered = new ArrayList<>();
    private int now;
    private int replicated;

    @Override
    public void waiting(int parts) {
      now += parts;
    }

    @Override
    public void replicated(int choices, long tokens) {
      replicated += choices;
    }

    @Override
    public void answered(Endpoint endpoint, Source source, String model, Tokens tokens) {
      answered.add(source);
    }
  }
}
