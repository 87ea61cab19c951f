package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs failed requests for the operator: the first of each kind and upstream at once, then at most
 * one line in ten seconds with the number of suppressed ones. One for a process, safe on any
 * thread.
 */
public final class FailureLog {
  private static final Logger LOG = LoggerFactory.getLogger(FailureLog.class);
  private static final long QUIET = Duration.ofSeconds(10).toNanos();

  private final LongSupplier nanoTime;
  // As many as there are kinds times upstreams, and both are bounded.
  private final Map<Subject, Silence> silences = new ConcurrentHashMap<>();

  private record Subject(Kind kind, String upstream) {}

  /**
   * When a subject was last logged, and the number of failures suppressed since.
   *
   * @param since when, by the clock
   * @param leftOut how often nothing was said since
   * @param before how often nothing was said before that
   */
  private record Silence(long since, long leftOut, long before) {}

  /** A log of a process that has not failed yet. */
  public FailureLog() {
    this(System::nanoTime);
  }

  /** The same by another clock. */
  FailureLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A request of this id was refused, or its answer broke off. */
  void failed(String id, Failure failure) {
    if (isTheCallers(failure.kind())) {
      LOG.debug("request {}: {}", id, failure.kind());
      return;
    }
    String upstream = failure.origin() == null ? "" : failure.origin();
    Silence silence =
        silences.compute(new Subject(failure.kind(), upstream), (subject, was) -> next(was));
    if (silence.leftOut == 0) {
      say(id, failure, upstream, silence.before);
    }
  }

  private Silence next(Silence was) {
    long now = nanoTime.getAsLong();
    if (was == null) {
      return new Silence(now, 0, 0);
    }
    return now - was.since < QUIET
        ? new Silence(was.since, was.leftOut + 1, was.before)
        : new Silence(now, 0, was.leftOut);
  }

  private static boolean isTheCallers(Kind kind) {
    return switch (kind) {
      case INTERNAL, UPSTREAM_UNREACHABLE, UPSTREAM_BROKEN, UPSTREAM_TIMEOUT, OVERLOADED -> false;
      default -> true;
    };
  }

  private static void say(String id, Failure failure, String upstream, long leftOut) {
    String more = leftOut == 0 ? "" : " (and " + leftOut + " more since the last such line)";
    if (failure.kind() == Kind.INTERNAL) {
      LOG.error("request {}: internal error; please report it{}", id, more, Defect.of(failure));
      return;
    }
    String where = upstream.isEmpty() ? "" : "upstream " + upstream + ": ";
    String advice = advice(failure.kind(), upstream.isEmpty());
    LOG.warn("{}{}; {}; request {}{}", where, failure.getMessage(), advice, id, more);
  }

  private static String advice(Kind kind, boolean ours) {
    return switch (kind) {
      case UPSTREAM_UNREACHABLE -> "check upstreams[].url, or run refrain doctor";
      case UPSTREAM_TIMEOUT ->
          ours ? "see fanout.timeout" : "see its load, and the timeouts of upstreams[]";
      case UPSTREAM_BROKEN -> "see its own log";
      default ->
          ours
              ? "see server.connections and limits.memory, or add replicas"
              : "see upstreams[].connections and upstreams[].waiting, or add upstreams";
    };
  }

  /** Location of a defect without its message, which may quote a request. */
  private static final class Defect extends Exception {
    private static final long serialVersionUID = 1L;

    private Defect(Throwable cause) {
      super(cause.getClass().getName());
      setStackTrace(cause.getStackTrace());
    }

    static Defect of(Failure failure) {
      return new Defect(failure.getCause() == null ? failure : failure.getCause());
    }
  }
}
