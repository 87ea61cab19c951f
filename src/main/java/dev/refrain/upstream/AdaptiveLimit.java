package dev.refrain.upstream;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Adapts the number of concurrent calls to the server's signs of overload. Where it says that they
 * are too many, it is asked for a fifth less than it had; while all of it is used and well
 * answered, for one more a round, and for more than one when that has gone well for long.
 * Lock-free; any thread.
 *
 * <p>Only what a server says outright counts: how long an answer takes is its length more than the
 * server's state. A round is as many answers as there may be calls at once.
 *
 * <p>Source: RFC 5681 §3.1 (additive increase, multiplicative decrease from what was under way).
 */
final class AdaptiveLimit {
  private static final double LESS = 0.8;
  private static final double FASTER = 0.125;

  /**
   * All of it, exchanged at once.
   *
   * @param most calls at once
   * @param step by how much that grows in a round
   * @param cuts how often it was cut
   */
  private record State(double most, double step, int cuts) {}

  private final int least;
  private final int most;
  private final AtomicReference<State> state;

  /**
   * Begins with the maximum, because nothing is known yet.
   *
   * @param least what it never falls below; as much as {@code most} is no change ever
   * @param most what it never exceeds
   */
  AdaptiveLimit(int least, int most) {
    this.least = Math.min(least, most);
    this.most = most;
    this.state = new AtomicReference<>(new State(most, 1, 0));
  }

  /** Calls at once, as of now. */
  int now() {
    return (int) state.get().most;
  }

  /** How often it was cut; a call remembers it from its beginning. */
  int cuts() {
    return state.get().cuts;
  }

  /**
   * The server answered well.
   *
   * @param active calls under way, this one included
   */
  void served(int active) {
    State before = state.get();
    // A server whose limit is not used up does not prove that it can take more.
    if (before.most == most || active < (int) before.most) {
      return;
    }
    double grown = Math.min(most, before.most + before.step / before.most);
    State after = new State(grown, before.step + FASTER / before.most, before.cuts);
    if (!state.compareAndSet(before, after)) {
      served(active);
    }
  }

  /**
   * The server said that it has too much to do. Calls that began before the last cut reflect the
   * load before it: calls that are refused together count once.
   *
   * @param active calls under way, this one included
   * @param since {@link #cuts} when the call began
   */
  void refused(int active, int since) {
    State before = state.get();
    if (since != before.cuts || least == most) {
      return;
    }
    // The calls in progress were too many; the rest of the limit was never tried.
    double cut = Math.max(least, LESS * Math.min(active, before.most));
    state.compareAndSet(before, new State(cut, 1, before.cuts + 1));
  }
}
