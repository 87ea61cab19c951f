package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import dev.refrain.completion.Journey.Step;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Setback;
import dev.refrain.completion.RetryAfter;
import dev.refrain.completion.Sharing;
import dev.refrain.upstream.Health.Leave;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request's way through the servers, until one of them answers or there is no use in asking on.
 * Then the last reply stands, or if none ever came, the last failure.
 */
final class Tries {
  private final CompletionRequest request;
  private final Route route;
  private final RetrySettings settings;
  private final Alarm alarm;
  private final Observer observer;
  private final Calls calls;
  private final boolean stateful;
  private final Hedge hedge;

  private final Promise<Completion> answer = Promise.promise();
  private final Set<Upstream> tried = new HashSet<>();
  private final long since;
  private int retries;
  private Attempt second;
  private Optional<Setback> setback = Optional.empty();
  private AsyncResult<Completion> last;
  private Completion reply;
  private Runnable callOff;

  Tries(
      CompletionRequest request,
      Route route,
      RetrySettings settings,
      Alarm alarm,
      Observer observer,
      Calls calls) {
    this.request = request;
    this.route = route;
    this.settings = settings;
    this.alarm = alarm;
    this.observer = observer;
    this.calls = calls;
    this.stateful =
        request.sharing() instanceof Sharing.Alone alone
            && alone.reason() == Sharing.Reason.STATEFUL;
    this.hedge = new Hedge(request, stateful ? Duration.ZERO : settings.hedge());
    this.since = settings.nanoTime().getAsLong();
  }

  Future<Completion> start() {
    route.first().budget().deposit();
    Set<Upstream> passed = new HashSet<>();
    Optional<Upstream> next = route.begin(passed);
    while (next.isPresent()) {
      Leave leave = next.get().health().enter();
      if (leave != Leave.NONE) {
        return begin(new Attempt(next.get(), leave, since));
      }
      passed.add(next.get()); // somebody else is the one on trial
      next = route.begin(passed);
    }
    return begin(new Attempt(route.lastResort(), Leave.FREE, since));
  }

  private Future<Completion> begin(Attempt first) {
    hedge.await(first, alarm, this::askBeside);
    return ask(first);
  }

  private void askBeside() {
    Optional<Upstream> other = route.other(tried);
    if (other.isPresent() && isInBudget()) {
      observer.hedged();
      request.journey().step(Step.HEDGED, other.get().name());
      second = new Attempt(other.get(), Leave.FREE, since);
      ask(second);
    }
  }

  private Future<Completion> ask(Attempt attempt) {
    tried.add(attempt.upstream());
    request.journey().step(Step.CHOSEN, attempt.upstream().name());
    calls.call(hedge.began(attempt), attempt).onComplete(outcome -> ended(attempt, outcome));
    return answer.future();
  }

  private void ended(Attempt attempt, AsyncResult<Completion> outcome) {
    hedge.ended(attempt);
    Verdict verdict = Verdict.of(outcome, settings.on(), attempt);
    verdict.tell(attempt);
    if (answer.future().isComplete()) {
      return; // another one was faster
    }
    if (outcome.succeeded()) {
      reply = outcome.result();
    }
    last = outcome;
    // The second call is an extra: where both fail, it goes on as without it.
    if (attempt != second) {
      setback = verdict.setback();
    }
    boolean answered = outcome.succeeded() && verdict.setback().isEmpty();
    if (answered) {
      settle();
      hedge.callOff();
    } else if (!hedge.isUnderWay() && (setback.isEmpty() || !goOn(attempt, setback.get()))) {
      settle();
    }
  }

  // An error status is an answer: better than word from us that there was none.
  private void settle() {
    if (request.cancellation().isCancelled()) {
      answer.tryFail(cancelled());
    } else if (reply != null) {
      answer.tryComplete(reply);
    } else {
      answer.tryFail(last.cause());
    }
  }

  /** Asks once more, now or later; false if there is no use in it. */
  private boolean goOn(Attempt attempt, Setback why) {
    if (retries == settings.most() || !isRepeatable(attempt)) {
      return false;
    }
    Optional<Upstream> other = route.other(tried);
    OptionalLong wait = other.isPresent() ? OptionalLong.of(backoff()) : untilAgain();
    if (wait.isEmpty() || isLate(attempt, wait.getAsLong())) {
      return false;
    }
    if (!isInBudget()) {
      return false;
    }
    retries++;
    observer.retried(why);
    request.journey().step(Step.RETRIED, attempt.upstream().name());
    later(wait.getAsLong());
    return true;
  }

  private boolean isInBudget() {
    boolean granted = route.first().budget().withdraw();
    if (!granted) {
      observer.retryWithheld();
    }
    return granted;
  }

  // What changes a state at the server is asked again only if it never left; a completion changes
  // nothing, so at worst it is paid for twice.
  private boolean isRepeatable(Attempt attempt) {
    return !request.cancellation().isCancelled() && !(stateful && attempt.isSent());
  }

  private boolean isLate(Attempt attempt, long millis) {
    long spent = settings.nanoTime().getAsLong() - since;
    Duration total = attempt.target().totalTimeout();
    return total.minusNanos(spent).minusMillis(millis).isNegative();
  }

  /** Full jitter: anything up to the longest wait, which doubles. */
  private long backoff() {
    long longest =
        Math.min(settings.longestWait().toMillis(), settings.firstWait().toMillis() << retries);
    return longest == 0 ? 0 : ThreadLocalRandom.current().nextLong(1, longest + 1);
  }

  /** How long to wait before the same server is asked again; empty if that is not worth it. */
  private OptionalLong untilAgain() {
    if (route.again().isEmpty()) {
      return OptionalLong.empty();
    }
    long asked = last.succeeded() ? RetryAfter.millis(last.result().head(), Instant.now()) : 0;
    return asked > settings.retryAfter().toMillis()
        ? OptionalLong.empty()
        : OptionalLong.of(Math.max(asked, backoff()));
  }

  private void later(long millis) {
    if (millis == 0) {
      again();
      return;
    }
    if (callOff == null) {
      request.cancellation().onCancel(this::left);
    }
    callOff = alarm.in(millis, this::again);
  }

  private void left() {
    callOff.run();
    answer.tryFail(cancelled());
  }

  private void again() {
    // What is known of them may have changed meanwhile.
    route
        .other(tried)
        .or(route::again)
        .ifPresentOrElse(next -> ask(new Attempt(next, Leave.FREE, since)), this::settle);
  }

  private static Failure cancelled() {
    return Failure.of(Kind.CANCELLED, "nobody wants the answer any more");
  }
}
