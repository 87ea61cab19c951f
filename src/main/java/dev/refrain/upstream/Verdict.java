package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer.RetryReason;
import dev.refrain.inference.Whole;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpHeaders;
import java.util.Collection;
import java.util.Optional;

/**
 * Consequences of an attempt's outcome: for the server's health and for a retry.
 *
 * @param retryReason what went wrong that may not go wrong again; empty if the outcome stands
 * @param signal the signal for the server's health
 */
record Verdict(Optional<RetryReason> retryReason, HealthSignal signal) {

  /** The health signal of an outcome. */
  enum HealthSignal {
    /** It answers. */
    SUCCESS,
    /** It answers, but not the request. */
    FAILURE,
    /** It does not answer. */
    NO_RESPONSE,
    /** Nothing. */
    NONE
  }

  private static final int FIRST_ERROR = 400; // RFC 9110 §15.5
  private static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  private static final Verdict GOOD = new Verdict(Optional.empty(), HealthSignal.SUCCESS);
  private static final Verdict NOTHING = new Verdict(Optional.empty(), HealthSignal.NONE);

  /**
   * Of an attempt that ended.
   *
   * @param again statuses that are worth another try
   */
  static Verdict of(
      AsyncResult<InferenceResponse> outcome, Collection<Integer> again, Attempt attempt) {
    return outcome.succeeded()
        ? of(outcome.result(), again)
        : of(Failure.from(outcome.cause()), attempt);
  }

  /**
   * Of an answer.
   *
   * @param again statuses that are worth another try
   */
  static Verdict of(InferenceResponse answer, Collection<Integer> again) {
    int status = answer.head().status();
    if (!(answer instanceof Whole) || status < FIRST_ERROR) {
      return GOOD;
    }
    boolean listed = again.contains(status);
    RetryReason reason = status == 429 ? RetryReason.THROTTLED : RetryReason.ERROR;
    return new Verdict(
        isWorthRetrying(answer.head(), listed) ? Optional.of(reason) : Optional.empty(),
        listed ? HealthSignal.FAILURE : HealthSignal.SUCCESS);
  }

  // x-should-retry takes precedence over the list of statuses, as in OpenAI's own clients.
  private static boolean isWorthRetrying(Head head, boolean otherwise) {
    String said = head.headers().get(SHOULD_RETRY);
    if ("true".equalsIgnoreCase(said)) {
      return true;
    }
    return otherwise && !"false".equalsIgnoreCase(said);
  }

  /** Of no answer. */
  static Verdict of(Failure failure, Attempt attempt) {
    Kind kind = failure.kind();
    if (attempt.isPointless() || !isOfServer(kind)) {
      return NOTHING;
    }
    if (!attempt.isSent()) {
      return new Verdict(Optional.of(RetryReason.UNREACHABLE), HealthSignal.NO_RESPONSE);
    }
    if (failure.event() != null) {
      return new Verdict(Optional.of(RetryReason.ERROR), HealthSignal.FAILURE);
    }
    if (ExceptionMapper.isMalformed(failure)) {
      return new Verdict(Optional.empty(), HealthSignal.FAILURE); // it was paid for
    }
    // A request that has waited for a timeout is not made to wait for another.
    return kind == Kind.UPSTREAM_TIMEOUT
        ? new Verdict(Optional.empty(), HealthSignal.NO_RESPONSE)
        : new Verdict(Optional.of(RetryReason.BROKEN), HealthSignal.NO_RESPONSE);
  }

  private static boolean isOfServer(Kind kind) {
    return kind == Kind.UPSTREAM_UNREACHABLE
        || kind == Kind.UPSTREAM_BROKEN
        || kind == Kind.UPSTREAM_TIMEOUT;
  }

  /** Reports the outcome to the server's health. */
  void report(Attempt attempt) {
    switch (signal) {
      case SUCCESS -> attempt.succeeded();
      case FAILURE -> attempt.failed(false);
      case NO_RESPONSE -> attempt.failed(true);
      case NONE -> attempt.undecided();
    }
  }
}
