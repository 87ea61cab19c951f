package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.RetryReason;
import dev.refrain.inference.RequestListener.Step;
import dev.refrain.inference.RetryAfter;
import dev.refrain.inference.Sharing;
import dev.refrain.upstream.Health.Admission;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * Tries the servers for one request until one answers or a retry is pointless. Then the last reply
 * stands, or if none ever came, the last failure.
 */
final class RetryLoop {
  private final InferenceRequest request;
  private final Route route;
  private final RetrySettings settings;
  private final DelayScheduler scheduler;
  private final LongSupplier nanoTime;
  private final Observer observer;
  private final CallSender callSender;
  private final boolean stateful;

  private final Promise<InferenceResponse> answer = Promise.promise();
  private final Set<Upstream> tried = new HashSet<>();
  private final long since;
  private int retries;
  private Optional<RetryReason> retryReason = Optional.empty();
  private AsyncResult<InferenceResponse> last;
  private InferenceResponse reply;
  private Runnable callOff;

  RetryLoop(
      InferenceRequest request,
      Route route,
      RetrySettings settings,
      DelayScheduler scheduler,
      LongSupplier nanoTime,
      Observer observer,
      CallSender callSender) {
    this.request = request;
    this.route = route;
    this.settings = settings;
    this.scheduler = scheduler;
    this.observer = observer;
    this.callSender = callSender;
    this.stateful =
        request.sharing() instanceof Sharing.Unshareable unshareable
            && (unshareable.reason() == Sharing.Reason.STATEFUL
                || unshareable.reason() == Sharing.Reason.HEADER);
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  Future<InferenceResponse> start() {
    route.first().budget().deposit();
    Set<Upstream> passed = new HashSet<>();
    Optional<Upstream> next = route.begin(passed);
    while (next.isPresent()) {
      Admission admission = next.get().health().enter();
      if (admission != Admission.NONE) {
        return ask(new Attempt(next.get(), admission, since));
      }
      passed.add(next.get()); // another call is the trial
      next = route.begin(passed);
    }
    return ask(new Attempt(route.lastResort(), Admission.FREE, since));
  }

  private Future<InferenceResponse> ask(Attempt attempt) {
    tried.add(attempt.upstream());
    request.listener().step(Step.CHOSEN, attempt.upstream().name());
    callSender.call(request, attempt).onComplete(outcome -> ended(attempt, outcome));
    return answer.future();
  }

  private void ended(Attempt attempt, AsyncResult<InferenceResponse> outcome) {
    Verdict verdict = Verdict.of(outcome, settings.on(), attempt);
    verdict.report(attempt);
    if (outcome.succeeded()) {
      reply = outcome.result();
    }
    last = outcome;
    retryReason = verdict.retryReason();
    if (retryReason.isEmpty() || !goOn(attempt, retryReason.get())) {
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
  private boolean goOn(Attempt attempt, RetryReason reason) {
    if (retries == settings.maxRetries() || !isRepeatable(attempt)) {
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
    observer.retried(reason);
    request.listener().step(Step.RETRIED, attempt.upstream().name());
    later(wait.getAsLong());
    return true;
  }

  private boolean isInBudget() {
    boolean granted = route.first().budget().withdraw();
    if (!granted) {
      observer.retrySuppressed();
    }
    return granted;
  }

  // What changes a state at the server is asked again only if it never left; a completion changes
  // nothing, so at worst it is paid for twice.
  private boolean isRepeatable(Attempt attempt) {
    return !request.cancellation().isCancelled() && !(stateful && attempt.isSent());
  }

  private boolean isLate(Attempt attempt, long millis) {
    long spent = nanoTime.getAsLong() - since;
    Duration total = attempt.target().totalTimeout();
    return total.minusNanos(spent).minusMillis(millis).isNegative();
  }

  /** Full jitter: anything up to the longest wait, which doubles. */
  private long backoff() {
    long longest =
        Math.min(settings.maxBackoff().toMillis(), settings.initialBackoff().toMillis() << retries);
    return longest == 0 ? 0 : ThreadLocalRandom.current().nextLong(1, longest + 1);
  }

  /** The wait before a retry on the same server; empty if it is too long. */
  private OptionalLong untilAgain() {
    if (route.again().isEmpty()) {
      return OptionalLong.empty();
    }
    long asked = last.succeeded() ? RetryAfter.millis(last.result().head(), Instant.now()) : 0;
    return asked > settings.maxRetryAfter().toMillis()
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
    callOff = scheduler.in(millis, this::again);
  }

  private void left() {
    callOff.run();
    answer.tryFail(cancelled());
  }

  private void again() {
    // The health of the servers may have changed meanwhile.
    route
        .other(tried)
        .or(route::again)
        .ifPresentOrElse(next -> ask(new Attempt(next, Admission.FREE, since)), this::settle);
  }

  private static Failure cancelled() {
    return Failure.of(Kind.CANCELLED, "the client cancelled the request");
  }

  /** Runs an action later on the same event loop. */
  @FunctionalInterface
  interface DelayScheduler {
    /**
     * Does {@code what} after so many milliseconds, at least 1.
     *
     * @return calls it off
     */
    Runnable in(long millis, Runnable what);

    /** By the timers of an event loop. */
    static DelayScheduler of(Vertx vertx) {
      return (millis, what) -> {
        long timer = vertx.setTimer(millis, id -> what.run());
        return () -> vertx.cancelTimer(timer);
      };
    }
  }

  /** Makes one call to one server. Answers like an {@code InferenceService}, on the same loop. */
  @FunctionalInterface
  interface CallSender {
    Future<InferenceResponse> call(InferenceRequest request, Attempt attempt);
  }
}
