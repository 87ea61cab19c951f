package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.upstream.Target;
import java.time.Duration;
import java.util.function.Function;

/**
 * The phase that a timeout applies to. Each wait has a bound of its own, and whatever moves begins
 * the next one anew: a transfer that makes progress has no total limit.
 */
enum TimeoutPhase {
  /** The caller sends its body. */
  BODY(Target::idleTimeout, Kind.INVALID, "the body stopped coming"),
  /** The upstream reads the body, or replies 100. */
  ROOM(Target::idleTimeout, Kind.UPSTREAM_TIMEOUT, "the upstream took nothing of the body"),
  /** The first byte of the answer's body. */
  FIRST_BYTE(Target::firstByteTimeout, Kind.UPSTREAM_TIMEOUT, "the upstream sent nothing"),
  /** The next one. */
  NEXT_BYTE(Target::idleTimeout, Kind.UPSTREAM_TIMEOUT, "the upstream stopped sending"),
  /** The caller reads. */
  READER(Target::totalTimeout, Kind.CANCELLED, "the caller took nothing of the answer"),
  /** Something moves in a tunnel, either way. */
  TUNNEL(Target::totalTimeout, Kind.CANCELLED, "nothing moved in the tunnel");

  private final Function<Target, Duration> limit;
  private final Kind kind;
  private final String what;

  TimeoutPhase(Function<Target, Duration> limit, Kind kind, String what) {
    this.limit = limit;
    this.kind = kind;
    this.what = what;
  }

  /**
   * How long it may last.
   *
   * @param sendTimeout longest time in which a caller may take nothing, whatever the server allows
   */
  Duration limit(Target target, Duration sendTimeout) {
    Duration whole = limit.apply(target);
    return this == READER && sendTimeout.compareTo(whole) < 0 ? sendTimeout : whole;
  }

  /** That it has lasted longer. */
  Failure overdue(Target target, Duration sendTimeout) {
    return Failure.of(kind, what + " within " + limit(target, sendTimeout).toMillis() + " ms");
  }
}
