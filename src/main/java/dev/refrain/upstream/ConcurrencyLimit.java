package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Limits the concurrent and the queued calls to a server, over all event loops. Callers take turns
 * ({@link FairQueue}); where too many calls wait, the caller with the most makes room for one with
 * fewer. Any thread; lock-free while no call waits.
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
  private final FairQueue<Permit> queue = new FairQueue<>();

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

  /** Whose call it is, and what becomes of it; on the event loop that takes the permit. */
  interface Waiter {
    /** Distinguishes clients; called once, and only for a call that waits. */
    long caller();

    /** It is its turn. */
    void begin();

    /** Too many wait: within {@code take}, or later, to make room for a caller with fewer. */
    void refused(Failure full);
  }

  /** A permit not yet taken. */
  Permit permit(Waiter waiter) {
    return new Permit(waiter);
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

  private static Failure tooMany() {
    return Failure.of(Kind.OVERLOADED, "too many calls are waiting for the upstream");
  }

  /** One call's place. */
  final class Permit {
    private final Waiter waiter;
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    private Context context;
    private long caller;
    private int cuts;

    private Permit(Waiter waiter) {
      this.waiter = waiter;
    }

    /**
     * Acquires the permit: within this call, or when it is its turn; refused with {@code
     * OVERLOADED} if too many wait already.
     */
    void take() {
      if (queue.isEmpty() && acquire()) {
        state.set(State.TAKEN);
        begin();
        return;
      }
      caller = waiter.caller();
      Permit displaced = null;
      if (waiting.incrementAndGet() > mostWaiting) {
        displaced = queue.displace(caller);
        if (displaced == null) {
          waiting.decrementAndGet();
          waiter.refused(tooMany());
          return;
        }
      }
      context = Vertx.currentContext();
      state.set(State.WAITING);
      queue.add(caller, this);
      if (displaced != null) {
        displaced.displace();
      }
      admit();
    }

    // One that left by itself meanwhile has made room as well.
    private void displace() {
      if (state.compareAndSet(State.WAITING, State.LEFT)) {
        waiting.decrementAndGet();
        context.runOnContext(v -> waiter.refused(tooMany()));
      }
    }

    private void begin() {
      cuts = adaptiveLimit.cuts();
      waiter.begin();
    }

    private boolean isTurn() {
      if (!state.compareAndSet(State.WAITING, State.TAKEN)) {
        return false;
      }
      waiting.decrementAndGet();
      context.runOnContext(v -> begin());
      return true;
    }

    /** The server answered: it refused the call, served it well, or neither. */
    void ended(boolean refused, boolean well) {
      if (refused) {
        refused();
      } else if (well) {
        served();
      }
    }

    /** The server answered the call well. */
    void served() {
      adaptiveLimit.served(active.get());
    }

    /** The server rejected the call because it has too many. */
    void refused() {
      adaptiveLimit.refused(active.get(), cuts);
    }

    /** Gives it back, or waits no more. The second time nothing happens. */
    void leave() {
      State before = state.getAndSet(State.LEFT);
      if (before == State.WAITING) {
        queue.remove(caller, this);
        waiting.decrementAndGet();
      } else if (before == State.TAKEN) {
        active.decrementAndGet();
        admit();
      }
    }
  }
}
