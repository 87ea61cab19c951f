package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import dev.refrain.completion.Head;
import dev.refrain.completion.Observer.Setback;
import dev.refrain.completion.Whole;
import io.vertx.core.AsyncResult;
import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import java.util.Set;

/**
 * What an attempt's outcome says: of the server, and of trying again.
 *
 * @param setback what went wrong that may not go wrong again; empty if the outcome stands
 * @param blame what the server is told
 */
record Verdict(Optional<Setback> setback, Blame blame) {

  /** What an outcome says of a server. */
  enum Blame {
    /** It answers. */
    PRAISE,
    /** It answers, but not what was asked. */
    FAULT,
    /** It does not answer. */
    SILENCE,
    /** Nothing. */
    NONE
  }

  private static final int FIRST_ERROR = 400; // RFC 9110 §15.5
  private static final CharSequence SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  private static final Verdict GOOD = new Verdict(Optional.empty(), Blame.PRAISE);
  private static final Verdict NOTHING = new Verdict(Optional.empty(), Blame.NONE);

  /**
   * Of an attempt that ended.
   *
   * @param again statuses that are worth another try
   */
  static Verdict of(AsyncResult<Completion> outcome, Set<Integer> again, Attempt attempt) {
    return outcome.succeeded()
        ? of(outcome.result(), again)
        : of(Failure.from(outcome.cause()), attempt);
  }

  /**
   * Of an answer.
   *
   * @param again statuses that are worth another try
   */
  static Verdict of(Completion answer, Set<Integer> again) {
    int status = answer.head().status();
    if (!(answer instanceof Whole) || status < FIRST_ERROR) {
      return GOOD;
    }
    boolean listed = again.contains(status);
    Setback setback = status == 429 ? Setback.THROTTLED : Setback.ERROR;
    return new Verdict(
        isWorthRetrying(answer.head(), listed) ? Optional.of(setback) : Optional.empty(),
        listed ? Blame.FAULT : Blame.PRAISE);
  }

  // The server knows better than a list of statuses, as OpenAI's own clients hold.
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
      return new Verdict(Optional.of(Setback.UNREACHABLE), Blame.SILENCE);
    }
    if (failure.event() != null) {
      return new Verdict(Optional.of(Setback.ERROR), Blame.FAULT);
    }
    // Who has waited so long is not made to wait as long again.
    return kind == Kind.UPSTREAM_TIMEOUT
        ? new Verdict(Optional.empty(), Blame.SILENCE)
        : new Verdict(Optional.of(Setback.BROKEN), Blame.SILENCE);
  }

  private static boolean isOfServer(Kind kind) {
    return kind == Kind.UPSTREAM_UNREACHABLE
        || kind == Kind.UPSTREAM_BROKEN
        || kind == Kind.UPSTREAM_TIMEOUT;
  }

  /** Tells the server's health. */
  void tell(Attempt attempt) {
    switch (blame) {
      case PRAISE -> attempt.succeeded();
      case FAULT -> attempt.failed(false);
      case SILENCE -> attempt.failed(true);
      case NONE -> attempt.undecided();
    }
  }
}
