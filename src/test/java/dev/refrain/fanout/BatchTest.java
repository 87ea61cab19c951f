package dev.refrain.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Part;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.Source;
import dev.refrain.inference.Split;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The stages between which a batch forms: a fan-out, caches and flights played by hand, and the
 * call.
 */
class BatchTest {
  private static final Vertx VERTX = Vertx.vertx();
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Failure BROKEN = Failure.of(Failure.Kind.UPSTREAM_BROKEN, "broken");

  private final FakeNext upstream = new FakeNext();
  private final Middle middle = new Middle(new BatchCall(upstream));
  private final Batches batches = new Batches();

  @AfterAll
  static void close() {
    VERTX.close().await();
  }

  @Test
  void whatIsMissingIsAskedForInOneCall() {
    middle.answer(1, "kept");
    Future<InferenceResponse> answer = respond(4);
    assertThat(asked()).isEqualTo("batch 0 2 3");
    upstream.answer(document("a|b|c"));
    assertThat(body(answer)).isEqualTo("0:a 1:kept 2:b 3:c ");
    assertThat(batches.sizes).containsExactly(3);
  }

  @Test
  void nothingIsAskedForWhenNothingIsMissing() {
    middle.answer(0, "a");
    middle.answer(1, "b");
    assertThat(body(respond(2))).isEqualTo("0:a 1:b ");
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void theOnlyMissingPartIsSentAsItIs() {
    middle.answer(0, "a");
    Future<InferenceResponse> answer = respond(2);
    assertThat(asked()).isEqualTo("WHOLE false");
    upstream.answer(FakeRequest.document("b"));
    assertThat(body(answer)).isEqualTo("0:a 1:b ");
    assertThat(batches.sizes).isEmpty();
  }

  @Test
  void theBatchWaitsForASlowLookUpAndNotForAnothersCall() {
    Promise<InferenceResponse> slow = middle.hold(0);
    Promise<InferenceResponse> joined = middle.join(1);
    Future<InferenceResponse> answer = respond(3);
    assertThat(upstream.calls()).isZero();
    slow.complete(FakeRequest.document("kept"));
    assertThat(asked()).isEqualTo("WHOLE false");
    upstream.answer(FakeRequest.document("c"));
    assertThat(answer.isComplete()).isFalse();
    joined.complete(FakeRequest.document("theirs"));
    assertThat(body(answer)).isEqualTo("0:kept 1:theirs 2:c ");
  }

  @Test
  void aLookUpThatTakesTooLongIsNotWaitedForAndItsPartIsSentAlone() {
    middle.hold(0);
    Future<InferenceResponse> answer = onLoop(() -> respond(3, Duration.ofMillis(1)));
    await().untilAsserted(() -> assertThat(upstream.calls()).isEqualTo(1));
    assertThat(asked()).isEqualTo("batch 1 2");
    upstream.answer(document("b|c")).answer(FakeRequest.document("a"));
    middle.release(0);
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(((Whole) answer.await()).body().toString()).isEqualTo("0:a 1:b 2:c ");
  }

  @Test
  void lookupsOfALargeRequestArePaced() {
    IntStream.range(0, 32).forEach(middle::hold);
    respond(40);
    assertThat(middle.requests).hasSize(32);
    middle.held.get(0).complete(FakeRequest.document("kept"));
    assertThat(middle.requests).hasSize(40);
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void partsWhoseCallByAnotherRequestWasRefusedAreAnotherBatch() {
    middle.join(0);
    middle.join(1);
    Future<InferenceResponse> answer = onLoop(() -> respond(3));
    await().untilAsserted(() -> assertThat(upstream.calls()).isEqualTo(1));
    upstream.answer(FakeRequest.document("c")).answer(document("a|b"));
    VERTX.runOnContext(
        failed -> {
          middle.release(0);
          middle.release(1);
        });
    assertThat(((Whole) answer.await()).body().toString()).isEqualTo("0:a 1:b 2:c ");
    assertThat(batches.sizes).containsExactly(2);
  }

  @Test
  void aStreamIsAskedForPartByPart() {
    fanOut(LONG).respond(request(3, Framing.STREAM));
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(batches.sizes).isEmpty();
  }

  @Test
  void aSharedUsageIsMarkedOnEveryPartAndOnTheWhole() {
    Future<InferenceResponse> answer = respond(2);
    upstream.answer(document("a|b"));
    assertThat(answer.result().head().headers().get(Head.USAGE)).isEqualTo(Head.APPORTIONED);
    assertThat(middle.answered.values())
        .allMatch(one -> one.head().headers().contains(Head.USAGE, Head.APPORTIONED, false));
  }

  @Test
  void aRefusalReachesEveryPartAndSaysThatItIsAboutAllOfThem() {
    Future<InferenceResponse> answer = respond(2);
    Head head = new Head(400, FakeRequest.head("application/json").headers());
    upstream.answer(Whole.notStorable(head, Buffer.buffer("no")));
    assertThat(answer.result().head().status()).isEqualTo(400);
    assertThat(middle.answered.values())
        .allMatch(one -> one.provenance().partCount().parts() == 2)
        .allMatch(one -> one.provenance().source() == Source.UPSTREAM);
  }

  @Test
  void aFailureReachesEveryPart() {
    Future<InferenceResponse> answer = respond(2);
    upstream.fail(BROKEN);
    assertThat(answer.cause()).isSameAs(BROKEN);
  }

  @Test
  void anAnswerWithAnotherNumberOfElementsIsBroken() {
    Future<InferenceResponse> answer = respond(2);
    upstream.answer(document("a|b|c"));
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
  }

  @Test
  void theCallGoesOnUntilTheLastOfItsPartsIsLeft() {
    respond(2);
    Cancellation call = upstream.request().cancellation();
    middle.flights.get(0).cancel();
    assertThat(call.isCancelled()).isFalse();
    middle.flights.get(1).cancel();
    assertThat(call.isCancelled()).isTrue();
  }

  @Test
  void aRequestThatIsLeftWhileItsBatchFormsIsNeverSent() {
    middle.hold(0);
    InferenceRequest request = request(2, Framing.WHOLE);
    fanOut(LONG).respond(request);
    request.cancellation().cancel();
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void partsThatCannotBeOneCallAreSeveral() {
    InferenceRequest request =
        FakeRequest.shareable(9, Framing.WHOLE).with(new Batched(Framing.WHOLE, 5, 2));
    Future<InferenceResponse> answer = fanOut(LONG).respond(request);
    assertThat(upstream.requests().stream().map(BatchTest::bytes))
        .containsExactly("batch 0 1", "batch 2 3", "WHOLE false");
    upstream.answer(document("a|b")).answer(document("c|d")).answer(FakeRequest.document("e"));
    assertThat(body(answer)).isEqualTo("0:a 1:b 2:c 3:d 4:e ");
  }

  @Test
  void theAnswersOfALargeBatchAreDeliveredInSeveralTurnsOfTheLoop() {
    Context loop = VERTX.getOrCreateContext();
    Promise<Integer> deliveredInOneTurn = Promise.promise();
    Promise<InferenceResponse> answer = Promise.promise();
    InferenceRequest request =
        FakeRequest.shareable(9, Framing.WHOLE).with(new Batched(Framing.WHOLE, 300, 300));
    loop.runOnContext(begin -> fanOut(LONG).respond(request).onComplete(answer));
    await().until(() -> upstream.calls() == 1);
    loop.runOnContext(
        turn -> {
          loop.runOnContext(next -> deliveredInOneTurn.complete(middle.answered.size()));
          upstream.answer(document("a" + "|a".repeat(299)));
        });
    assertThat(deliveredInOneTurn.future().await()).isBetween(1, 64);
    assertThat(((Whole) answer.future().await()).body().toString()).endsWith("299:a ");
  }

  @Test
  void thePartsOfALargeRequestAreBegunInSeveralTurnsOfTheLoop() {
    Context loop = VERTX.getOrCreateContext();
    IntStream.range(0, 300).forEach(part -> middle.answer(part, "a"));
    InferenceRequest request =
        FakeRequest.shareable(9, Framing.WHOLE).with(new Batched(Framing.WHOLE, 300, 300));
    Promise<Integer> begunInOneTurn = Promise.promise();
    Promise<InferenceResponse> answer = Promise.promise();
    loop.runOnContext(
        turn -> {
          loop.runOnContext(next -> begunInOneTurn.complete(middle.requests.size()));
          fanOut(LONG).respond(request).onComplete(answer);
        });
    assertThat(begunInOneTurn.future().await()).isBetween(1, 128);
    assertThat(((Whole) answer.future().await()).body().toString()).endsWith("299:a ");
    assertThat(upstream.calls()).isZero();
  }

  /** Begins a request where its timers run, so that none of them can run before it has begun. */
  private static Future<InferenceResponse> onLoop(Supplier<Future<InferenceResponse>> request) {
    Promise<InferenceResponse> answer = Promise.promise();
    VERTX.runOnContext(begin -> request.get().onComplete(answer));
    return answer.future();
  }

  private Future<InferenceResponse> respond(int parts) {
    return respond(parts, LONG);
  }

  private Future<InferenceResponse> respond(int parts, Duration batchWait) {
    return fanOut(batchWait).respond(request(parts, Framing.WHOLE));
  }

  private FanOut fanOut(Duration batchWait) {
    return new FanOut(
        VERTX,
        new FanOutSettings(2, LONG, 1 << 20, LONG, batchWait),
        batches,
        entry -> true,
        middle);
  }

  private static InferenceRequest request(int parts, Framing framing) {
    return FakeRequest.shareable(9, framing).with(new Batched(framing, parts, 100));
  }

  private String asked() {
    return bytes(upstream.requests().get(0));
  }

  private static String bytes(InferenceRequest request) {
    return request.content().bytes(Framing.WHOLE, false).toString();
  }

  private static Whole document(String parts) {
    return Whole.notStorable(FakeRequest.head("application/json"), Buffer.buffer(parts));
  }

  private static String body(Future<InferenceResponse> answer) {
    return ((Whole) answer.result()).body().toString();
  }

  /** Parts of which a few may be one call. */
  private record Batched(Framing framing, int parts, int most) implements Split {
    @Override
    public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
      return new Part(FakeRequest.shareable(part, framing).with(cancellation), part, part, 1);
    }

    @Override
    public boolean asOne() {
      return false;
    }

    @Override
    public boolean batched() {
      return true;
    }

    @Override
    public List<List<Integer>> batches(List<Integer> parts) {
      return IntStream.range(0, (parts.size() + most - 1) / most)
          .mapToObj(i -> parts.subList(i * most, Math.min(parts.size(), (i + 1) * most)))
          .toList();
    }

    @Override
    public InferenceRequest batch(
        InferenceRequest whole, List<Integer> parts, Cancellation cancellation) {
      StringBuilder body = new StringBuilder("batch");
      parts.forEach(part -> body.append(' ').append(part));
      return FakeRequest.shareable(9, framing)
          .withContent((as, usage) -> Buffer.buffer(body.toString()))
          .with(cancellation);
    }

    @Override
    public List<Entry> entries(InferenceRequest whole, Entry entry) {
      return List.of();
    }
  }

  /** Caches and flights, played by hand: parts not mentioned go on to the call. */
  private static final class Middle implements InferenceService {
    private final InferenceService next;
    private final Map<Integer, Future<InferenceResponse>> scripted = new HashMap<>();
    private final Map<Integer, Promise<InferenceResponse>> held = new HashMap<>();
    private final List<Integer> joins = new ArrayList<>();
    private final Map<Integer, InferenceResponse> answered = new HashMap<>();
    private final List<InferenceRequest> requests = new ArrayList<>();
    private final Map<Integer, Cancellation> flights = new HashMap<>();

    Middle(InferenceService next) {
      this.next = next;
    }

    void answer(int part, String body) {
      scripted.put(part, Future.succeededFuture(FakeRequest.document(body)));
    }

    Promise<InferenceResponse> hold(int part) {
      Promise<InferenceResponse> promise = Promise.promise();
      held.put(part, promise);
      scripted.put(part, promise.future());
      return promise;
    }

    Promise<InferenceResponse> join(int part) {
      joins.add(part);
      return hold(part);
    }

    void release(int part) {
      next.respond(requests.get(part)).onComplete(held.get(part));
    }

    @Override
    public Future<InferenceResponse> respond(InferenceRequest request) {
      int part = requests.size();
      requests.add(request);
      if (joins.contains(part)) {
        request.listener().step(Step.JOINED);
      }
      if (scripted.containsKey(part)) {
        return scripted.get(part);
      }
      Cancellation flight = new Cancellation();
      flights.put(part, flight);
      return next.respond(request.with(flight)).onSuccess(one -> answered.put(part, one));
    }
  }

  private static final class Batches implements Observer {
    private final List<Integer> sizes = new ArrayList<>();

    @Override
    public void batched(int parts) {
      sizes.add(parts);
    }
  }
}
