package dev.refrain.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Circuit breaker of a server, driven by the outcomes of recent calls. After too many failures it
 * opens for a pause; then one call tries, and its verdict closes it or opens it for twice as long.
 * Lock-free; any thread.
 *
 * <p>A failure weighs as much as {@link #FORGIVING} answers, so a server is given up that fails
 * that often in a row, or for longer in more than one call of five: more than the retries could
 * make good.
 */
final class Health {
  /** Answers that make up for one failure. */
  static final int FORGIVING = 4;

  private static final Logger LOG = LoggerFactory.getLogger(Health.class);
  private static final Duration MEMORY = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /** State of a circuit breaker; also the label in metrics. */
  enum State {
    /** Calls are allowed. */
    CLOSED("closed"),
    /** No calls, as long as another server can be called. */
    OPEN("open"),
    /** One trial call is allowed. */
    HALF_OPEN("half-open");

    private final String label;

    State(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  /** Whether the circuit breaker admits a call: not at all, freely or as a trial. */
  enum Admission {
    /** No call is allowed. */
    NONE,
    /** As one of many. */
    FREE,
    /** As the one that finds out. */
    TRIAL
  }

  /**
   * All of it, exchanged at once.
   *
   * @param demerits failures times {@link #FORGIVING}, less the answers since
   * @param at when the last failure was; when open, when the pause ends
   * @param openings how often it opened without closing
   * @param mute whether the last failure was no answer at all
   */
  private record Record(State state, int demerits, long at, int openings, boolean mute) {}

  private static final Record WELL = new Record(State.CLOSED, 0, 0, 0, false);

  private final String name;
  private final int limit;
  private final long pause;
  private final LongSupplier nanoTime;
  private final AtomicReference<Record> record = new AtomicReference<>(WELL);

  /**
   * A closed breaker.
   *
   * @param name for the log
   * @param failures how many in a row open it
   * @param pause how long it is open at first
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  Health(String name, int failures, Duration pause, LongSupplier nanoTime) {
    this.name = name;
    this.limit = failures * FORGIVING;
    this.pause = pause.toNanos();
    this.nanoTime = nanoTime;
  }

  State state() {
    return record.get().state;
  }

  /** Whether calls are allowed. */
  boolean isClosed() {
    return state() == State.CLOSED;
  }

  /** Whether a call now would be let through: as one of many, or on trial. */
  boolean admits() {
    Record now = record.get();
    return now.state == State.CLOSED || isDue(now);
  }

  /** Whether it gave no answer at all when it failed last. */
  boolean isMute() {
    return record.get().mute;
  }

  /** Its recent failures, in the weight of calls under way. */
  int burden() {
    Record now = record.get();
    return now.demerits == 0 || isForgotten(now) ? 0 : now.demerits;
  }

  private boolean isDue(Record now) {
    return now.state == State.OPEN && nanoTime.getAsLong() - now.at >= 0;
  }

  private boolean isForgotten(Record now) {
    return nanoTime.getAsLong() - now.at > MEMORY.toNanos();
  }

  /** Asks to make a call; a caller with {@link Admission#TRIAL} must report a verdict. */
  Admission enter() {
    Record now = record.get();
    if (now.state == State.CLOSED) {
      return Admission.FREE;
    }
    Record trial = new Record(State.HALF_OPEN, now.demerits, now.at, now.openings, now.mute);
    return isDue(now) && become(now, trial) ? Admission.TRIAL : Admission.NONE;
  }

  /** The server answered. A late answer from before the pause does not end the pause. */
  void succeeded() {
    Record now = record.get();
    if (now == WELL || now.state == State.OPEN) {
      return;
    }
    boolean well = now.state == State.HALF_OPEN || now.demerits <= 1;
    Record better = new Record(State.CLOSED, now.demerits - 1, now.at, 0, now.mute);
    if (!become(now, well ? WELL : better)) {
      succeeded();
    }
  }

  /**
   * The server failed.
   *
   * @param mute whether it gave no answer at all
   */
  void failed(boolean mute) {
    Record now = record.get();
    if (now.state == State.OPEN) {
      return;
    }
    int demerits = (isForgotten(now) ? 0 : now.demerits) + FORGIVING;
    boolean opens = now.state == State.HALF_OPEN || demerits >= limit;
    Record worse =
        opens
            ? open(now.openings, mute)
            : new Record(State.CLOSED, demerits, nanoTime.getAsLong(), 0, mute);
    if (!become(now, worse)) {
      failed(mute);
    }
  }

  /** The server took the call on trial: whatever comes, it is there. */
  void reached() {
    Record now = record.get();
    if (now.state == State.HALF_OPEN && now.mute) {
      become(now, new Record(State.HALF_OPEN, 0, now.at, now.openings, false));
    }
  }

  /** The trial call was given up before it had a verdict: the next call is the trial. */
  void undecided() {
    Record now = record.get();
    if (now.state == State.HALF_OPEN) {
      become(now, new Record(State.OPEN, 0, nanoTime.getAsLong(), now.openings, now.mute));
    }
  }

  /**
   * A probe was answered: success ends the pause, so that a call can try; failure restarts it.
   *
   * @param mute whether it gave no answer at all
   */
  void probed(boolean well, boolean mute) {
    Record now = record.get();
    if (now.state == State.OPEN) {
      long due = nanoTime.getAsLong();
      Record waiting = new Record(State.OPEN, 0, due, now.openings, now.mute);
      become(now, well ? waiting : isDue(now) ? open(now.openings, mute) : now);
    } else if (!well) {
      failed(mute);
    }
  }

  private Record open(int openings, boolean mute) {
    long longest = Math.max(pause, LONGEST.toNanos());
    long length = Math.min(longest, pause << Math.min(openings, 15));
    return new Record(State.OPEN, 0, nanoTime.getAsLong() + length, openings + 1, mute);
  }

  private void report(State now) {
    if (now == State.OPEN) {
      LOG.warn(
          "upstream {}: circuit breaker {} after repeated failures; check its log, or run refrain"
              + " doctor",
          name,
          now.label());
    } else {
      LOG.info("upstream {}: {}", name, now.label());
    }
  }

  private boolean become(Record from, Record to) {
    boolean done = record.compareAndSet(from, to);
    if (done && from.state != to.state) {
      report(to.state);
    }
    return done;
  }
}
