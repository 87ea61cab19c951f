package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.Directives;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Language;
import dev.refrain.inference.Observer.FleetOutcome;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FleetCoalescerTest {
  private static final String BASE = "test:2:{" + FakeRequest.fingerprint(1) + "}:";
  private static final int MANY = 20;

  private static RedisFixture redis;

  private Replica a;
  private Replica b;

  @BeforeAll
  static void startRedis() {
    redis = new RedisFixture();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start() {
    redis.command(Request.cmd(Command.FLUSHALL));
    a = new Replica(redis);
    b = new Replica(redis);
  }

  @AfterEach
  void stop() {
    a.close();
    b.close();
  }

  @Test
  void aWholeAnswerServesTheFollower() {
    Future<InferenceResponse> first = a.ask(whole());
    a.awaitCalls(1);
    Future<InferenceResponse> second = b.ask(whole());
    a.run(() -> a.next.answer(document("the end")));

    assertThat(body(first)).isEqualTo("the end");
    assertThat(body(second)).isEqualTo("the end");
    assertThat(TestLoop.join(second).provenance().source()).isEqualTo(Source.FLIGHT);
    assertThat(calls(b)).isZero();
    assertThat(a.outcomes).containsExactly(FleetOutcome.LED);
    assertThat(b.outcomes).containsExactly(FleetOutcome.FOLLOWED);
  }

  @Test
  void callsOfAnotherGenerationAreNeitherFollowedNorDisturbed() {
    Future<InferenceResponse> old = a.ask(whole());
    a.awaitCalls(1);
    a.generation = 7;
    b.generation = 7;
    Future<InferenceResponse> first = b.ask(whole());
    b.awaitCalls(1);
    Future<InferenceResponse> second = a.ask(whole());
    b.run(() -> b.next.answer(document("new end")));

    assertThat(body(first)).isEqualTo("new end");
    assertThat(body(second)).isEqualTo("new end");
    a.run(() -> a.next.answer(document("old end")));
    assertThat(body(old)).isEqualTo("old end");
    assertThat(calls(a)).isEqualTo(1);
    assertThat(a.outcomes).containsExactly(FleetOutcome.LED, FleetOutcome.FOLLOWED);
  }

  @Test
  void whoComesAMomentAfterTheEndStillFollows() {
    a.run(() -> a.next.answer(document("the end")));
    TestLoop.join(a.ask(whole()));

    assertThat(body(b.ask(whole()))).isEqualTo("the end");
    assertThat(calls(b)).isZero();
  }

  @Test
  void framesAreToldWhileTheyCome() {
    FakeFrames frames = new FakeFrames();
    FakeReader first = lead(frames);
    offer(frames, "one", "two");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one", "two");
    offer(frames, "three");
    awaitTexts(second, "one", "two", "three");
    a.run(() -> frames.offer("end").end());
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "two", "three", "end");
    assertThat(second.failure()).isNull();
    assertThat(first.texts()).isEqualTo(second.texts());
    assertThat(calls(b)).isZero();
  }

  @Test
  void whileNobodyFollowsNoMoreIsToldThanOnceAMoment() {
    FakeFrames frames = new FakeFrames();
    long begin = System.nanoTime();
    lead(frames);
    speak(frames, MANY);
    long items = items();
    long moments = (System.nanoTime() - begin) / 1_000_000 / PublishBuffer.MOMENT;

    assertThat(items).isLessThanOrEqualTo(2 + moments);
    FakeReader late = b.read(b.ask(stream()));
    a.run(() -> frames.offer("end").end());
    awaitEnd(late);
    assertThat(late.texts()).hasSize(MANY + 1).endsWith("end");
  }

  @Test
  void onceSomebodyFollowsEveryTurnIsTold() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    FakeReader second = b.read(b.ask(stream()));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              long before = items();
              speak(frames, MANY);
              return items() - before == MANY;
            });
    a.run(() -> frames.offer("end").end());
    awaitEnd(second);

    assertThat(calls(b)).isZero();
  }

  @Test
  void anotherFollowerOfTheSameReplicaIsTold() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    offer(frames, "one");
    FakeReader first = b.read(b.ask(stream()));
    awaitTexts(first, "one");
    FakeReader second = b.read(b.ask(stream()));
    a.run(() -> frames.offer("end").end());
    awaitEnd(first);
    awaitEnd(second);

    assertThat(first.texts()).containsExactly("one", "end").isEqualTo(second.texts());
  }

  @Test
  void aStreamServesThePlainCaller() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    Future<InferenceResponse> plain = b.ask(whole());
    a.run(() -> frames.offer("one", "end").end());

    assertThat(body(plain)).contains("one").contains("end");
    assertThat(calls(b)).isZero();
  }

  @Test
  void aDocumentServesTheStreamingCaller() {
    Future<InferenceResponse> plain = a.ask(whole());
    a.awaitCalls(1);
    Future<InferenceResponse> streaming = b.ask(stream());
    a.run(() -> a.next.answer(document("the end")));

    assertThat(body(plain)).isEqualTo("the end");
    assertThat(body(streaming)).isEqualTo("STREAM false the end");
  }

  @Test
  void aRefusalIsToldAndNotKept() {
    Future<InferenceResponse> first = a.ask(whole());
    a.awaitCalls(1);
    Future<InferenceResponse> second = b.ask(stream());
    Head head = new Head(429, FakeRequest.head("application/json").headers());
    a.run(() -> a.next.answer(Whole.notStorable(head, Buffer.buffer("no"))));

    assertThat(TestLoop.join(first).head().status()).isEqualTo(429);
    assertThat(TestLoop.join(second).head().status()).isEqualTo(429);
    assertThat(body(second)).isEqualTo("no");
    b.run(() -> b.next.answer(document("now the end")));
    assertThat(body(b.ask(whole()))).isEqualTo("now the end");
  }

  @Test
  void aFailureIsTheSameForAllAndStartsNoStorm() {
    Future<InferenceResponse> first = a.ask(whole());
    a.awaitCalls(1);
    Future<InferenceResponse> second = b.ask(whole());
    a.run(() -> a.next.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "too slow")));

    assertThatThrownBy(() -> TestLoop.join(first)).hasMessage("too slow");
    assertThatThrownBy(() -> TestLoop.join(second))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.UPSTREAM_TIMEOUT))
        .hasMessage("too slow");
    assertThat(calls(b)).isZero();
  }

  @Test
  void aStreamThatBreaksBreaksForAll() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    offer(frames, "one");
    FakeReader second = b.read(b.ask(stream()));
    Failure reported = Failure.reported(FakeFrames.data("error"));
    a.run(() -> frames.fail(reported));
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one");
    assertThat(second.failure().event().text()).isEqualTo("error");
    assertThat(calls(b)).isZero();
  }

  @Test
  void anAnswerThatProvesNothingIsForItsCallerAlone() {
    Future<InferenceResponse> first = a.ask(whole());
    a.awaitCalls(1);
    Future<InferenceResponse> second = b.ask(whole());
    b.run(() -> b.next.answer(document("mine, the end")));
    a.run(() -> a.next.answer(document("half")));

    assertThat(body(first)).isEqualTo("half");
    assertThat(body(second)).isEqualTo("mine, the end");
  }

  @Test
  void anAnswerTooLargeIsForItsCallerAlone() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    offer(frames, "one");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one");
    FakeFrames anew = new FakeFrames();
    b.run(() -> b.next.answer(streamed(anew.offer("one", "two", "end").end())));
    offer(frames, "x".repeat(30_000));
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "two", "end");
  }

  @Test
  void whoIsLeftInTheMiddleTakesOverAtOnceAndTellsNothingTwice() {
    FakeFrames frames = new FakeFrames();
    InferenceRequest leader = stream();
    a.run(() -> a.next.answer(streamed(frames)));
    a.read(a.ask(leader));
    offer(frames, "one", "two");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one", "two");
    FakeFrames anew = new FakeFrames();
    b.run(() -> b.next.answer(streamed(anew.offer("one", "two", "three", "end").end())));
    a.run(() -> leader.cancellation().cancel());
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "two", "three", "end");
    assertThat(b.outcomes).containsExactly(FleetOutcome.FOLLOWED, FleetOutcome.TOOK_OVER);
  }

  @Test
  void whoHasHeardNothingYetSimplyLeads() {
    InferenceRequest leader = stream();
    a.ask(leader);
    a.awaitCalls(1);
    Future<InferenceResponse> second = b.ask(whole());
    b.run(() -> b.next.answer(document("the end")));
    a.run(() -> leader.cancellation().cancel());

    assertThat(body(second)).isEqualTo("the end");
    assertThat(b.outcomes).containsExactly(FleetOutcome.TOOK_OVER);
  }

  @Test
  void aLeaderThatVanishesIsReplacedWithinItsLeaseAndASecond() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    offer(frames, "one");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one");
    FakeFrames anew = new FakeFrames();
    b.run(() -> b.next.answer(streamed(anew.offer("one", "end").end())));
    long begin = System.nanoTime();
    a.vanish();
    awaitEnd(second);

    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isLessThan(Replica.LEASE.plusSeconds(1));
    assertThat(second.texts()).containsExactly("one", "end");
  }

  @Test
  void aLeaderThatIsSilentButAliveIsWaitedFor() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    offer(frames, "one");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one");
    await()
        .during(Replica.LEASE.multipliedBy(2))
        .atMost(Replica.LEASE.multipliedBy(4))
        .until(() -> calls(b) == 0);
    a.run(() -> frames.offer("end").end());
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "end");
  }

  @Test
  void anAnswerMadeAnewThatBeginsOtherwiseIsAnError() {
    FakeFrames frames = new FakeFrames();
    InferenceRequest leader = stream();
    a.run(() -> a.next.answer(streamed(frames)));
    a.read(a.ask(leader));
    offer(frames, "one");
    FakeReader second = b.read(b.ask(stream()));
    awaitTexts(second, "one");
    FakeFrames anew = new FakeFrames();
    b.run(() -> b.next.answer(streamed(anew)));
    a.run(() -> leader.cancellation().cancel());
    b.awaitCalls(1);
    b.run(() -> anew.offer("uno"));
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one");
    assertThat(second.failure().kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
    assertThat(cancelled(b)).isTrue();
  }

  @Test
  void aLeaderWhoseLeaseIsTakenCannotTellAnyMore() {
    FakeFrames frames = new FakeFrames();
    FakeReader first = lead(frames);
    offer(frames, "one");
    String thief = "f".repeat(32);
    hold(thief);
    offer(frames, "two");
    a.run(() -> frames.offer("end").end());
    awaitEnd(first);

    assertThat(first.texts()).containsExactly("one", "two", "end");
    Request holder = Request.cmd(Command.HGET).arg(BASE + "lease").arg("holder");
    assertThat(redis.command(holder)).hasToString(thief);
    assertThat(redis.keys()).isEqualTo(2);
  }

  @Test
  void garbageUnderOurKeysCostsACallAndNoAnswer() {
    String token = "a".repeat(32);
    hold(token);
    redis.command(Request.cmd(Command.XADD).arg(BASE + token).arg("1-0").arg("i").arg("garbage"));
    b.run(() -> b.next.answer(document("the end")));

    assertThat(body(b.ask(whole()))).isEqualTo("the end");
  }

  @Test
  void aWholeAnswerIsFollowedWhetherOrNotAnEndIsToldAfterIt() {
    String token = "a".repeat(32);
    hold(token);
    Buffer body = Buffer.buffer("the end");
    say(
        token,
        1,
        new FleetMessage.Whole(FakeRequest.fingerprint(1), FakeRequest.head("a/b"), body));
    assertThat(body(a.ask(whole()))).isEqualTo("the end");
    say(token, 2, new FleetMessage.Complete());

    assertThat(body(b.ask(whole()))).isEqualTo("the end");
    assertThat(calls(a) + calls(b)).isZero();
  }

  @Test
  void theLastOfAStreamThatBreaksIsToldWithItsFailure() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    FakeReader second = b.read(b.ask(stream()));
    Failure reported = Failure.reported(FakeFrames.data("error"));
    a.run(() -> frames.offer("one", "two").fail(reported));
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "two");
    assertThat(second.failure().event().text()).isEqualTo("error");
    assertThat(calls(b)).isZero();
  }

  @Test
  void aStreamWhoseLastIsTooMuchIsForItsCallerAlone() {
    FakeFrames frames = new FakeFrames();
    lead(frames);
    FakeReader second = b.read(b.ask(stream()));
    FakeFrames anew = new FakeFrames();
    b.run(() -> b.next.answer(streamed(anew.offer("one", "end").end())));
    a.run(() -> frames.offer("x".repeat(30_000)).end());
    awaitEnd(second);

    assertThat(second.texts()).containsExactly("one", "end");
  }

  @Test
  void aTokenThatIsNoneIsNotFollowed() {
    hold("hello");
    b.run(() -> b.next.answer(document("the end")));

    assertThat(body(b.ask(whole()))).isEqualTo("the end");
    assertThat(b.outcomes).containsExactly(FleetOutcome.FAILED_OPEN);
  }

  @Test
  void aLeaseOfAnotherKindIsNotOurs() {
    redis.command(Request.cmd(Command.SET).arg(BASE + "lease").arg("hello"));
    b.run(() -> b.next.answer(document("the end")));

    assertThat(body(b.ask(whole()))).isEqualTo("the end");
    assertThat(b.outcomes).containsExactly(FleetOutcome.FAILED_OPEN);
  }

  @Test
  void directivesThatConcernTheCacheGoPast() {
    Directives anew = new Directives(true, Long.MAX_VALUE, false);
    b.run(() -> b.next.answer(document("1 end")));
    TestLoop.join(b.ask(FakeRequest.shareable(1, Framing.WHOLE, false, anew)));

    assertThat(b.outcomes).isEmpty();
    assertThat(redis.keys()).isZero();
  }

  @Test
  void aFrozenRedisIsWaitedForNoLongerThanSaid() {
    redis.freeze();
    try {
      b.run(() -> b.next.answer(document("the end")));
      assertThat(body(b.ask(whole()))).isEqualTo("the end");
      assertThat(b.outcomes).containsExactly(FleetOutcome.FAILED_OPEN);
    } finally {
      redis.thaw();
    }
  }

  @Test
  void aHundredFlightsTakeNoMoreThanTwoConnectionsOfAReplica() {
    for (int n = 100; n < 200; n++) {
      a.ask(FakeRequest.shareable(n, Framing.STREAM));
    }
    a.awaitCalls(100);
    for (int n = 100; n < 200; n++) {
      b.ask(FakeRequest.shareable(n, Framing.STREAM));
    }
    String clients = redis.command(Request.cmd(Command.CLIENT).arg("LIST")).toString();

    assertThat(clients.lines().filter(line -> !line.contains("cmd=client")).count())
        .isLessThanOrEqualTo(4 + 1);
    assertThat(calls(b)).isZero();
  }

  @Test
  void nothingStaysInRedisForLong() {
    a.run(() -> a.next.answer(document("the end")));
    TestLoop.join(a.ask(whole()));

    await().atMost(Duration.ofSeconds(10)).until(() -> redis.keys() == 0);
  }

  private static void hold(String holder) {
    redis.command(Request.cmd(Command.HSET).arg(BASE + "lease").arg("holder").arg(holder));
    redis.command(Request.cmd(Command.PEXPIRE).arg(BASE + "lease").arg(60_000));
  }

  private static void say(String holder, long number, FleetMessage message) {
    Request add = Request.cmd(Command.XADD).arg(BASE + holder).arg(number + "-0").arg("i");
    redis.command(add.arg(FleetMessageCodec.encode(message)));
  }

  /** Offers frames, each in a turn of its own. */
  private void speak(FakeFrames frames, int number) {
    for (int i = 0; i < number; i++) {
      offer(frames, "word");
    }
  }

  /** How many items are told so far. */
  private long items() {
    Request holder = Request.cmd(Command.HGET).arg(BASE + "lease").arg("holder");
    String stream = BASE + redis.command(holder);
    return redis.command(Request.cmd(Command.XLEN).arg(stream)).toLong();
  }

  private FakeReader lead(FakeFrames frames) {
    a.run(() -> a.next.answer(streamed(frames)));
    return a.read(a.ask(stream()));
  }

  private void offer(FakeFrames frames, String... texts) {
    a.run(() -> frames.offer(texts));
  }

  private static void awaitTexts(FakeReader reader, String... texts) {
    await().atMost(Duration.ofSeconds(20)).until(() -> reader.texts().equals(List.of(texts)));
  }

  private static void awaitEnd(FakeReader reader) {
    await().atMost(Duration.ofSeconds(20)).until(() -> reader.ends() == 1);
  }

  private static int calls(Replica replica) {
    return replica.on(replica.next::calls);
  }

  private static boolean cancelled(Replica replica) {
    return replica.on(() -> replica.next.request().cancellation().isCancelled());
  }

  private static String body(Future<InferenceResponse> answer) {
    return ((Whole) TestLoop.join(answer)).body().toString();
  }

  private static InferenceRequest whole() {
    return FakeRequest.shareable(1, Framing.WHOLE);
  }

  private static InferenceRequest stream() {
    return FakeRequest.shareable(1, Framing.STREAM);
  }

  private static InferenceResponse document(String body) {
    return FakeRequest.document(body);
  }

  private static InferenceResponse streamed(FakeFrames frames) {
    return Streamed.notStorable(FakeRequest.head("text/event-stream"), frames, new CountingCheck());
  }

  /** Evidence that is complete: what the stream says is told by its reader. */
  private static final class CountingCheck implements Language.CompletenessCheck {
    @Override
    public void add(Frame frame) {}

    @Override
    public boolean complete() {
      return true;
    }

    @Override
    public boolean ended() {
      return false;
    }

    @Override
    public boolean failed() {
      return false;
    }

    @Override
    public Tokens tokens() {
      return Tokens.of(2, 3);
    }
  }
}
