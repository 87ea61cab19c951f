package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.RetryReason;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import dev.refrain.upstream.RetryLoop.CallSender;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
  private final Servers servers = new Servers();
  private final FakeNext next = new FakeNext();
  private final List<Upstream> asked = new ArrayList<>();
  private final List<RetryReason> retried = new ArrayList<>();
  private int withheld;
  private boolean reached = true;

  // The alarm, played by hand.
  private Runnable due;
  private long wait;
  private boolean calledOff;

  private final InferenceRequest request = FakeRequest.alone(Framing.WHOLE);

  @Test
  void anAnswerIsPassedOnAtOnce() {
    next.answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    assertThat(answer.result().head().status()).isEqualTo(200);
    assertThat(asked).hasSize(1);
    assertThat(retried).isEmpty();
  }

  static Stream<Failure> failures() {
    return Stream.of(
        Failure.of(Kind.UPSTREAM_UNREACHABLE, "refused"),
        Failure.of(Kind.UPSTREAM_BROKEN, "closed"),
        Failure.reported(FakeFrames.data("{\"error\":{}}")));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whoeverFailsBeforeItsAnswerBeganIsReplacedByAnother(Failure failure) {
    next.fail(failure).answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
    assertThat(asked).extracting(Upstream::name).containsExactlyInAnyOrder("a", "b");
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void theseStatusesAreWorthAnotherTry(int status) {
    next.answer(answer(status)).answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
    assertThat(retried).containsExactly(status == 429 ? RetryReason.THROTTLED : RetryReason.ERROR);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 404, 408, 422, 501})
  void anErrorOfTheRequestIsNotRetried(int status) {
    next.answer(answer(status));
    assertThat(ask(servers.upstream("a"), servers.upstream("b")).result().head().status())
        .isEqualTo(status);
    assertThat(asked).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CANCELLED", "OVERLOADED", "UPSTREAM_TIMEOUT", "INTERNAL", "INVALID"})
  void aFailureThatARetryCannotMendIsNotRetried(Kind kind) {
    next.fail(Failure.of(kind, "x"));
    assertThat(ask(servers.upstream("a"), servers.upstream("b")).cause())
        .isInstanceOfSatisfying(Failure.class, it -> assertThat(it.kind()).isEqualTo(kind));
    assertThat(asked).hasSize(1);
  }

  @Test
  void aConnectionThatTookTooLongIsReplaced() {
    reached = false;
    next.fail(Failure.of(Kind.UPSTREAM_TIMEOUT, "no connection")).answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.succeeded()).isTrue();
    assertThat(retried).containsExactly(RetryReason.UNREACHABLE);
  }

  @Test
  void onceAStreamHasBegunItIsTheAnswerWhateverBecomesOfIt() {
    FakeFrames frames = new FakeFrames().offer("a");
    next.answer(
        Streamed.notStorable(
            FakeRequest.head("text/event-stream"), frames, FakeRequest.STREAMS.check(1)));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    assertThat(answer.result()).isInstanceOf(Streamed.class);
    frames.fail(Failure.of(Kind.UPSTREAM_BROKEN, "later"));
    assertThat(asked).hasSize(1);
  }

  @Test
  void afterTwoRetriesTheLastReplyIsPassedOnAsItCame() {
    next.answer(answer(500)).answer(answer(503)).answer(answer(502));
    Future<InferenceResponse> answer =
        ask(
            servers.upstream("a"),
            servers.upstream("b"),
            servers.upstream("c"),
            servers.upstream("d"));
    wake();
    wake();
    assertThat(((Whole) answer.result()).body().toString()).isEqualTo("502");
    assertThat(asked).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void aReplyIsBetterThanWordThatThereWasNone() {
    next.answer(answer(429)).fail(Failure.of(Kind.UPSTREAM_UNREACHABLE, "refused"));
    Future<InferenceResponse> answer = retrying(1, servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(429);
  }

  @Test
  void withoutAReplyTheLastFailureStands() {
    next.fail(Failure.of(Kind.UPSTREAM_BROKEN, "1"))
        .fail(Failure.of(Kind.UPSTREAM_UNREACHABLE, "2"));
    Future<InferenceResponse> answer = retrying(1, servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.cause()).hasMessage("2");
  }

  @Test
  void theNextOneIsOfTheSamePriorityAndThenOfTheNext() {
    Upstream reserve = servers.upstream("reserve", 1, 5);
    next.answer(answer(503)).answer(answer(503)).answer(answer(200));
    Future<InferenceResponse> answer = ask(reserve, servers.upstream("a"), servers.upstream("b"));
    wake();
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
    assertThat(asked.subList(0, 2)).extracting(Upstream::name).containsExactlyInAnyOrder("a", "b");
    assertThat(asked.get(2)).isSameAs(reserve);
  }

  @Test
  void aSingleServerIsAskedAgainUntilItsBreakerOpens() {
    next.answer(answer(503)).answer(answer(503));
    Upstream only = servers.upstream("only");
    Future<InferenceResponse> answer = ask(only);
    wake();
    assertThat(answer.result().head().status()).isEqualTo(503);
    assertThat(asked).hasSize(2);
    assertThat(only.state()).isEqualTo("open");
  }

  @Test
  void whereAllFailTheOneThatStillRepliesIsAskedAndOnlyOnce() {
    Upstream replying = open(servers.upstream("replying"), false);
    Upstream silent = open(servers.upstream("silent"), true);
    next.answer(answer(503));
    assertThat(ask(silent, replying).result().head().status()).isEqualTo(503);
    assertThat(asked).containsExactly(replying);
  }

  @Test
  void whereNobodyRepliesOneIsAskedAllTheSame() {
    Upstream silent = open(servers.upstream("a"), true);
    next.answer(answer(200));
    assertThat(ask(silent).result().head().status()).isEqualTo(200);
    assertThat(asked).containsExactly(silent);
  }

  @Test
  void afterThePauseOneRequestTriesAndTheOthersGoElsewhere() {
    Upstream back = open(servers.upstream("back"), true);
    Upstream reserve = servers.upstream("reserve", 1, 1);
    servers.pass(Servers.SECOND);
    ask(back, reserve);
    ask(back, reserve);
    assertThat(asked).containsExactly(back, reserve);
    next.answer(answer(200)).answer(answer(200));
    assertThat(back.state()).isEqualTo("closed");
  }

  @Test
  void aCallerWhoLeavesATrialLeavesItToTheNext() {
    Upstream back = open(servers.upstream("back"), true);
    servers.pass(Servers.SECOND);
    ask(back);
    assertThat(back.state()).isEqualTo("half-open");
    next.fail(Failure.of(Kind.CANCELLED, "left"));
    assertThat(back.state()).isEqualTo("open");
    assertThat(back.health().admits()).isTrue();
  }

  @Test
  void aRetryAfterIsWaitedForWhereThereIsNobodyElse() {
    next.answer(answer(429, "0")).answer(answer(200));
    ask(servers.upstream("a"));
    assertThat(wait).isLessThanOrEqualTo(25);
  }

  @Test
  void aLongRetryAfterIsTheCallersToWaitFor() {
    next.answer(answer(429, "60"));
    assertThat(ask(servers.upstream("a")).result().head().status()).isEqualTo(429);
    assertThat(asked).hasSize(1);
  }

  @Test
  void anotherServerDoesNotMindARetryAfter() {
    next.answer(answer(429, "60")).answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void anErrorThatForbidsAnotherTryIsTheAnswer(int status) {
    next.answer(answer(status, Map.of("x-should-retry", "false")));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    assertThat(answer.result().head().status()).isEqualTo(status);
    assertThat(asked).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 409, 418, 501})
  void anErrorThatAsksForAnotherTryIsAskedAgain(int status) {
    next.answer(answer(status, Map.of("x-should-retry", "true"))).answer(answer(200));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
    assertThat(retried).containsExactly(RetryReason.ERROR);
  }

  @Test
  void anErrorThatAsksForAnotherTryIsAskedAgainNoMoreOftenThanOthers() {
    for (int i = 0; i < 3; i++) {
      next.answer(answer(400, Map.of("x-should-retry", "true")));
    }
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    wake();
    wake();
    assertThat(answer.result().head().status()).isEqualTo(400);
    assertThat(asked).hasSize(3);
  }

  @Test
  void anAnswerThatAsksForAnotherTryIsAnAnswer() {
    next.answer(answer(200, Map.of("x-should-retry", "true")));
    assertThat(ask(servers.upstream("a")).result().head().status()).isEqualTo(200);
    assertThat(asked).hasSize(1);
  }

  @Test
  void aDelayInMillisecondsIsKeptAndOneBeyondTheBoundIsTheCallers() {
    next.answer(answer(429, Map.of("retry-after-ms", "400", "Retry-After", "60")))
        .answer(answer(429, Map.of("retry-after-ms", "501")));
    Future<InferenceResponse> answer = ask(servers.upstream("a"));
    assertThat(wait).isEqualTo(400);
    wake();
    assertThat(answer.result().head().status()).isEqualTo(429);
    assertThat(asked).hasSize(2);
  }

  @Test
  void waitsGrowAndAreCutAtRandom() {
    List<Long> first = new ArrayList<>();
    List<Long> second = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      wait = 0;
      next.answer(answer(503)).answer(answer(503)).answer(answer(200));
      ask(servers.upstream("a"), servers.upstream("b"), servers.upstream("c"));
      first.add(wait);
      wait = 0;
      wake();
      second.add(wait);
      wake();
    }
    assertThat(first).allMatch(millis -> millis <= 25).anyMatch(millis -> millis < 12);
    assertThat(second).allMatch(millis -> millis <= 50).anyMatch(millis -> millis > 25);
  }

  @Test
  void whoLeavesWhileWaitingIsNotTriedAgain() {
    next.answer(answer(503));
    Future<InferenceResponse> answer = ask(servers.upstream("a"), servers.upstream("b"));
    request.cancellation().cancel();
    assertThat(calledOff).isTrue();
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Kind.CANCELLED);
    assertThat(asked).hasSize(1);
  }

  @Test
  void theWholeTimeCoversAllTries() {
    next.answer(answer(503)).answer(answer(503));
    Future<InferenceResponse> answer =
        ask(servers.upstream("a"), servers.upstream("b"), servers.upstream("c"));
    servers.pass(Servers.SECOND);
    wake();
    assertThat(answer.result().head().status()).isEqualTo(503);
    assertThat(asked).hasSize(2);
  }

  @Test
  void whatChangesAStateIsAskedAgainOnlyIfItNeverLeft() {
    InferenceRequest stateful = FakeRequest.alone(Framing.WHOLE, Sharing.Reason.STATEFUL);
    next.answer(answer(503));
    assertThat(ask(stateful, 2, servers.upstream("a"), servers.upstream("b")).succeeded()).isTrue();
    assertThat(asked).hasSize(1);

    asked.clear();
    reached = false;
    next.fail(Failure.of(Kind.UPSTREAM_UNREACHABLE, "refused")).answer(answer(200));
    Future<InferenceResponse> answer =
        ask(stateful, 2, servers.upstream("a"), servers.upstream("b"));
    wake();
    assertThat(answer.result().head().status()).isEqualTo(200);
  }

  @Test
  void whenTheBudgetIsSpentTheAnswerStands() {
    Upstream first = servers.upstream("a");
    while (first.budget().withdraw()) {
      continue;
    }
    next.answer(answer(503));
    assertThat(ask(first, servers.upstream("b")).result().head().status()).isEqualTo(503);
    assertThat(asked).hasSize(1);
    assertThat(withheld).isEqualTo(1);
    assertThat(retried).isEmpty();
  }

  @Test
  void aTotalOutageIsNotMultiplied() {
    Upstream[] all = {servers.upstream("a"), servers.upstream("b"), servers.upstream("c")};
    for (int i = 0; i < 1000; i++) {
      next.answer(answer(503)).answer(answer(503)).answer(answer(503));
      Future<InferenceResponse> answer = ask(all);
      wake();
      wake();
      assertThat(answer.result().head().status()).isEqualTo(503);
      servers.pass(Duration.ofMillis(10));
    }
    assertThat(asked.size()).isLessThanOrEqualTo(1200);
  }

  private static Whole answer(int status, Map<String, String> fields) {
    return Whole.notStorable(
        new Head(status, HttpHeaders.headers().addAll(fields)), Buffer.buffer("" + status));
  }

  private static Whole answer(int status, String... retryAfter) {
    var headers = HttpHeaders.headers();
    for (String value : retryAfter) {
      headers.add("Retry-After", value);
    }
    return Whole.notStorable(new Head(status, headers), Buffer.buffer("" + status));
  }

  private static Upstream open(Upstream upstream, boolean mute) {
    upstream.health().failed(mute);
    upstream.health().failed(mute);
    assertThat(upstream.state()).isEqualTo("open");
    return upstream;
  }

  private Future<InferenceResponse> ask(Upstream... upstreams) {
    return retrying(2, upstreams);
  }

  private Future<InferenceResponse> retrying(int most, Upstream... upstreams) {
    return ask(request, most, upstreams);
  }

  private Future<InferenceResponse> ask(InferenceRequest what, int most, Upstream... upstreams) {
    CallSender callSender =
        (each, attempt) -> {
          asked.add(attempt.upstream());
          if (reached) {
            attempt.sent();
          }
          return next.respond(each);
        };
    Retry retry =
        new Retry(
            this::alarm,
            servers.clock::get,
            new Routes(List.of(upstreams)),
            servers.retry(most, 0.2, 10),
            new Counting(),
            callSender);
    return retry.respond(what);
  }

  private Runnable alarm(long millis, Runnable what) {
    wait = millis;
    due = what;
    return () -> calledOff = true;
  }

  /** Lets the time pass that is waited for, if any is. */
  private void wake() {
    if (due != null) {
      Runnable what = due;
      due = null;
      what.run();
    }
  }

  private final class Counting implements Observer {
    @Override
    public void retried(RetryReason reason) {
      retried.add(reason);
    }

    @Override
    public void retrySuppressed() {
      withheld++;
    }
  }
}
