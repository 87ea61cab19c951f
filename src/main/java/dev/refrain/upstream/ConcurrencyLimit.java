package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Limits the concurrent and the queued calls to a server, over all event loops. Waiting calls are
 * admitted in order of arrival. Lock-free; any thread.
 */
final class ConcurrencyLimit {
  private enum State {
    NEW,
    WAITING,
    TAKEN,
    LEFT
  }

  private final AdaptiveLimit adaptiveLimit;
  private final int mostWaiting;
  private final AtomicInteger active = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final Queue<Permit> queue = new ConcurrentLinkedQueue<>();

  /**
   * An unused limit.
   *
   * @param adaptiveLimit calls at once
   * @param mostWaiting calls that wait for one of them to end
   */
  ConcurrencyLimit(AdaptiveLimit adaptiveLimit, int mostWaiting) {
    this.adaptiveLimit = adaptiveLimit;
    this.mostWaiting = mostWaiting;
  }

  /** Calls at once, as of now. */
  int most() {
    return adaptiveLimit.now();
  }

  int active() {
    return active.get();
  }

  int waiting() {
    return waiting.get();
  }

  /** Whether the next one would be refused. */
  boolean isFull() {
    return active.get() >= most() && waiting.get() >= mostWaiting;
  }

  /**
   * A permit that is not acquired yet; {@code admitted} is called on the event loop that acquires
   * it.
   */
  Permit permit(Runnable admitted) {
    return new Permit(admitted);
  }

  private boolean acquire() {
    int now = active.get();
    while (now < most()) {
      if (active.compareAndSet(now, now + 1)) {
        return true;
      }
      now = active.get();
    }
    return false;
  }

  private void admit() {
    while (!queue.isEmpty() && acquire()) {
      Permit next = queue.poll();
      // Checked again after the release: a call that came meanwhile may have found no permit
      // because of this one.
      if (next == null || !next.isTurn()) {
        active.decrementAndGet();
      }
    }
  }

  /** One call's place. */
  final class Permit {
    private final Runnable admitted;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private Context context;
    private int cuts;

    private Permit(Runnable admitted) {
      this.admitted = admitted;
    }

    /**
     * Acquires the permit: within this call, or when it is its turn; fails with {@code OVERLOADED}
     * if too many wait already.
     */
    void take() {
      if (queue.isEmpty() && acquire()) {
        state.set(State.TAKEN);
        begin();
        return;
      }
      if (waiting.incrementAndGet() > mostWaiting) {
        waiting.decrementAndGet();
        throw Failure.of(Kind.OVERLOADED, "too many calls are waiting for the upstream");
      }
      context = Vertx.currentContext();
      state.set(State.WAITING);
      queue.add(this);
      admit();
    }

    private void begin() {
      cuts = adaptiveLimit.cuts();
      admitted.run();
    }

    private boolean isTurn() {
      if (!state.compareAndSet(State.WAITING, State.TAKEN)) {
        return false;
      }
      waiting.decrementAndGet();
      context.runOnContext(v -> begin());
      return true;
    }

    /** The server answered the call well. */
    void served() {
      adaptiveLimit.served(active.get());
    }

    /** The server refused the call, for it has too many. */
    void refused() {
      adaptiveLimit.refused(active.get(), cuts);
    }

    /** Gives it back, or waits no more. The second time nothing happens. */
    void leave() {
      State before = state.getAndSet(State.LEFT);
      if (before == State.WAITING) {
        queue.remove(this);
        waiting.decrementAndGet();
      } else if (before == State.TAKEN) {
        active.decrementAndGet();
        admit();
      }
    }
  }
}
