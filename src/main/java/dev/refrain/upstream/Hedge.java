package dev.refrain.upstream;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.InferenceRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Notices that a request's first call is slow to answer, and knows which of its calls are under
 * way, so that the slower of two can be called off. Lives on one event loop.
 */
final class Hedge {
  private static final Runnable NOTHING = () -> {};

  private final InferenceRequest request;
  private final Duration patience;
  // An attempt equals itself alone.
  private final Map<Attempt, Cancellation> underWay = new HashMap<>(2);
  private Runnable stopWaiting = NOTHING;

  /**
   * For one request.
   *
   * @param patience how long its first call may take; zero is for ever
   */
  Hedge(InferenceRequest request, Duration patience) {
    this.request = request;
    this.patience = patience;
  }

  /** Runs {@code slow}, at most once, if the first call has not begun to answer in its time. */
  void await(Attempt first, DelayScheduler scheduler, Runnable slow) {
    if (isOff()) {
      return;
    }
    stopWaiting =
        scheduler.in(
            Math.max(1, patience.toMillis()),
            () -> {
              if (!first.isAnswering() && !request.cancellation().isCancelled()) {
                slow.run();
              }
            });
  }

  private boolean isOff() {
    return patience.isZero();
  }

  /** A call begins: the request as it is made, to be cancelled alone or with the request. */
  InferenceRequest began(Attempt attempt) {
    if (isOff()) {
      return request;
    }
    Cancellation own = new Cancellation();
    underWay.put(attempt, own);
    request.cancellation().onCancel(own::cancel);
    return request.with(own);
  }

  /** It ended, or begins to answer. */
  void ended(Attempt attempt) {
    stopWaiting.run();
    stopWaiting = NOTHING;
    underWay.remove(attempt);
  }

  /** Whether another call may still answer. */
  boolean isUnderWay() {
    return !underWay.isEmpty();
  }

  /** The other calls are not needed any more. */
  void callOff() {
    // A call that is cancelled ends, and leaves the map, meanwhile.
    for (Cancellation each : underWay.values().toArray(Cancellation[]::new)) {
      each.cancel();
    }
  }
}
