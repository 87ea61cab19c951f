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
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two calls for one request. Calls and alarm are played by hand; a cancelled call ends at once. */
class HedgeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(7);

  private final Servers servers = new Servers();
  private final Upstream a = servers.upstream("a", 1, 0);
  private final Upstream b = servers.upstream("b", 1, 1);
  private final Upstream c = servers.upstream("c", 1, 2);

  private final List<Call> calls = new ArrayList<>();
  private final List<RetryReason> retried = new ArrayList<>();
  private int hedged;
  private int withheld;

  private Runnable due;
  private long wait;

  private final InferenceRequest request = FakeRequest.alone(Framing.WHOLE);

  private record Call(
      Attempt attempt, InferenceRequest request, Promise<InferenceResponse> promise) {
    boolean isCancelled() {
      return request.cancellation().isCancelled();
    }

    void answer(int status) {
      promise.tryComplete(
          Whole.notStorable(
              new Head(status, HttpHeaders.headers()),
              Buffer.buffer(attempt.upstream().name() + " " + status)));
    }

    void fail(Kind kind) {
      promise.tryFail(Failure.of(kind, attempt.upstream().name()));
    }
  }

  @Test
  void isOffByDefault() {
    Future<InferenceResponse> answer = ask(request, Duration.ZERO, a, b);
    assertThat(due).isNull();
    assertThat(call(0).request()).isSameAs(request);
    call(0).answer(200);
    assertThat(said(answer)).isEqualTo("a 200");
  }

  @Test
  void aCallThatAnswersInTimeIsMadeOnce() {
    Future<InferenceResponse> answer = ask(a, b);
    assertThat(wait).isEqualTo(PATIENCE.toMillis());
    call(0).answer(200);
    assertThat(said(answer)).isEqualTo("a 200");
    assertThat(due).as("called off").isNull();
  }

  @Test
  void theFirstMayAnswerFirstAfterAll() {
    Future<InferenceResponse> answer = ask(a, b);
    wake();
    assertThat(asked()).containsExactly(a, b);
    assertThat(hedged).isEqualTo(1);
    call(0).answer(200);
    assertThat(said(answer)).isEqualTo("a 200");
    assertThat(call(0).isCancelled()).isFalse();
    assertThat(call(1).isCancelled()).isTrue();
  }

  @Test
  void theSecondMayAnswerFirstAndWhoWasSlowIsNotBlamed() {
    Future<InferenceResponse> answer = ask(a, b);
    wake();
    call(1).answer(200);
    assertThat(said(answer)).isEqualTo("b 200");
    assertThat(call(0).isCancelled()).isTrue();
    assertThat(call(1).isCancelled()).isFalse();
    assertThat(a.health().burden()).isZero();
  }

  @Test
  void whoeverAnswersIsStillCancelledWithTheRequest() {
    ask(a, b);
    wake();
    call(1).answer(200);
    request.cancellation().cancel();
    assertThat(call(1).isCancelled()).isTrue();
  }

  @Test
  void whatTheCallerDidWrongIsAnAnswer() {
    Future<InferenceResponse> answer = ask(a, b);
    wake();
    call(1).answer(400);
    assertThat(said(answer)).isEqualTo("b 400");
    assertThat(call(0).isCancelled()).isTrue();
  }

  @Test
  void aSetbackOfTheFirstWaitsForTheSecond() {
    Future<InferenceResponse> answer = ask(a, b, c);
    wake();
    call(0).answer(503);
    assertThat(answer.isComplete()).isFalse();
    assertThat(call(1).isCancelled()).isFalse();
    call(1).answer(200);
    assertThat(said(answer)).isEqualTo("b 200");
    assertThat(asked()).containsExactly(a, b);
    assertThat(retried).isEmpty();
  }

  @Test
  void noFailureOfTheSecondHarmsTheFirst() {
    for (Kind kind : List.of(Kind.OVERLOADED, Kind.UPSTREAM_TIMEOUT, Kind.UPSTREAM_BROKEN)) {
      calls.clear();
      b.health().succeeded();
      Future<InferenceResponse> answer = ask(a, b);
      wake();
      call(1).fail(kind);
      assertThat(answer.isComplete()).as(kind.name()).isFalse();
      call(0).answer(200);
      assertThat(said(answer)).isEqualTo("a 200");
    }
  }

  @Test
  void whereBothFailSomebodyElseIsTriedAndNotHedged() {
    Future<InferenceResponse> answer = ask(a, b, c);
    wake();
    call(1).answer(500);
    call(0).fail(Kind.UPSTREAM_BROKEN);
    assertThat(retried).containsExactly(RetryReason.BROKEN);
    wake();
    assertThat(asked()).containsExactly(a, b, c);
    assertThat(due).isNull();
    call(2).answer(200);
    assertThat(said(answer)).isEqualTo("c 200");
    assertThat(hedged).isEqualTo(1);
  }

  @Test
  void thatTheSecondFoundNoTurnDoesNotKeepTheFirstFromBeingTriedAgain() {
    Future<InferenceResponse> answer = ask(a, b, c);
    wake();
    call(0).fail(Kind.UPSTREAM_BROKEN);
    call(1).fail(Kind.OVERLOADED);
    wake();
    call(2).answer(200);
    assertThat(said(answer)).isEqualTo("c 200");
  }

  @Test
  void whoHasWaitedForATimeOutIsNotMadeToWaitAgainAndGetsTheReplyThereWas() {
    Future<InferenceResponse> answer = ask(a, b, c);
    wake();
    call(1).answer(503);
    call(0).fail(Kind.UPSTREAM_TIMEOUT);
    assertThat(said(answer)).isEqualTo("b 503");
    assertThat(calls).hasSize(2);
  }

  @Test
  void whereBothFailAndNothingIsLeftTheLastReplyStands() {
    Future<InferenceResponse> answer = asking(0, request, PATIENCE, a, b);
    wake();
    call(0).answer(500);
    call(1).answer(503);
    assertThat(said(answer)).isEqualTo("b 503");
  }

  @Test
  void withoutAnotherThatIsWellTheFirstIsWaitedFor() {
    b.health().failed(true);
    b.health().failed(true);
    Future<InferenceResponse> answer = ask(a, b);
    wake();
    assertThat(asked()).containsExactly(a);
    assertThat(hedged).isZero();
    call(0).answer(200);
    assertThat(said(answer)).isEqualTo("a 200");
  }

  @Test
  void withoutABudgetTheFirstIsWaitedFor() {
    Future<InferenceResponse> answer = ask(a, b);
    while (a.budget().withdraw()) {
      continue;
    }
    wake();
    assertThat(asked()).containsExactly(a);
    assertThat(withheld).isEqualTo(1);
    assertThat(hedged).isZero();
    call(0).answer(200);
    assertThat(said(answer)).isEqualTo("a 200");
  }

  @Test
  void aSecondCallIsPaidOutOfTheBudget() {
    ask(a, b);
    wake();
    int left = 0;
    while (a.budget().withdraw()) {
      left++;
    }
    assertThat(left).isEqualTo(9);
  }

  @Test
  void aWholeAnswerOnItsWayIsWaitedFor() {
    ask(a, b);
    call(0).attempt().answering();
    wake();
    assertThat(asked()).containsExactly(a);
  }

  @Test
  void whatChangesAStateIsAskedOfOneOnly() {
    ask(FakeRequest.alone(Framing.WHOLE, Sharing.Reason.STATEFUL), PATIENCE, a, b);
    assertThat(due).isNull();
  }

  @Test
  void whoLeavesBeforeTheSecondCallEndsTheFirst() {
    Future<InferenceResponse> answer = ask(a, b);
    request.cancellation().cancel();
    assertThat(call(0).isCancelled()).isTrue();
    assertThat(due).as("called off").isNull();
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Kind.CANCELLED);
  }

  @Test
  void whoLeavesWhileBothAreUnderWayEndsBoth() {
    Future<InferenceResponse> answer = ask(a, b, c);
    wake();
    request.cancellation().cancel();
    assertThat(calls).hasSize(2).allMatch(Call::isCancelled);
    assertThat(((Failure) answer.cause()).kind()).isEqualTo(Kind.CANCELLED);
    assertThat(retried).isEmpty();
  }

  @Test
  void aTrialThatIsCalledOffIsLeftToTheNextRequest() {
    a.health().failed(true);
    a.health().failed(true);
    servers.pass(Servers.SECOND);
    ask(a, b);
    assertThat(a.state()).isEqualTo("half-open");
    wake();
    call(1).answer(200);
    assertThat(a.state()).isEqualTo("open");
    assertThat(a.health().admits()).isTrue();
  }

  private static String said(Future<InferenceResponse> answer) {
    assertThat(answer.isComplete()).as("answered").isTrue();
    return ((Whole) answer.result()).body().toString();
  }

  private Call call(int index) {
    return calls.get(index);
  }

  private List<Upstream> asked() {
    return calls.stream().map(each -> each.attempt().upstream()).toList();
  }

  private Future<InferenceResponse> ask(Upstream... upstreams) {
    return ask(request, PATIENCE, upstreams);
  }

  private Future<InferenceResponse> ask(
      InferenceRequest what, Duration patience, Upstream... upstreams) {
    return asking(2, what, patience, upstreams);
  }

  private Future<InferenceResponse> asking(
      int most, InferenceRequest what, Duration patience, Upstream... upstreams) {
    Retry retry =
        new Retry(
            this::alarm,
            new Routes(List.of(upstreams)),
            servers.retry(most, 0.2, 10, patience),
            new Counting(),
            this::begin);
    return retry.respond(what);
  }

  private Future<InferenceResponse> begin(InferenceRequest what, Attempt attempt) {
    Call call = new Call(attempt, what, Promise.promise());
    calls.add(call);
    attempt.sent();
    what.cancellation().onCancel(() -> call.fail(Kind.CANCELLED));
    return call.promise().future();
  }

  private Runnable alarm(long millis, Runnable what) {
    wait = millis;
    due = what;
    return () -> due = null;
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

    @Override
    public void hedged() {
      hedged++;
    }
  }
}
