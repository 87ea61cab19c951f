package dev.refrain.flight;

import dev.refrain.flight.LoopHandoff.Loop;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * A request that waits for a flight. Its answer belongs to its own event loop, its membership to
 * the flight's; the methods say on which of the two they are called.
 */
final class Waiter {
  private final InferenceRequest request;
  private final Shareable key;
  private final Loop home;
  private final SharedService alone;
  private final boolean first;
  private final Promise<InferenceResponse> answer = Promise.promise();
  private final Cancellation membership = new Cancellation();

  /**
   * A request.
   *
   * @param home its own event loop
   * @param alone answers it if the flight cannot
   * @param first whether the call was made for it
   */
  Waiter(InferenceRequest request, Shareable key, Loop home, SharedService alone, boolean first) {
    this.request = request;
    this.key = key;
    this.home = home;
    this.alone = alone;
    this.first = first;
  }

  InferenceRequest request() {
    return request;
  }

  Loop home() {
    return home;
  }

  /** Whether the call was made for this request, which therefore gets the answer as it came. */
  boolean isFirst() {
    return first;
  }

  /** Cancelled when the request leaves. On the flight's loop. */
  Cancellation membership() {
    return membership;
  }

  /** The answer. On its own loop. */
  Future<InferenceResponse> answer() {
    return answer.future();
  }

  /** Leaves the flight when the request is cancelled. From any loop. */
  void join(Flight flight) {
    home.run(() -> request.cancellation().onCancel(() -> left(flight)));
  }

  private void left(Flight flight) {
    answer.tryFail(left());
    flight.run(() -> flight.leave(this));
  }

  private static Failure left() {
    return Failure.of(Failure.Kind.CANCELLED, "the client cancelled the request");
  }

  /** White space precedes the document that it waits for. From any loop. */
  void whitespace(Whole beginning) {
    if (first) {
      home.run(() -> request.listener().whitespace(beginning));
      return;
    }
    Provenance flight = Provenance.flight(beginning.provenance().waited());
    Whole shared = beginning.with(beginning.head().shared(), beginning.body().copy()).from(flight);
    home.run(() -> request.listener().whitespace(shared));
  }

  /** Answers. From any loop. */
  void complete(InferenceResponse response) {
    home.run(() -> answer.tryComplete(response));
  }

  /** Fails. From any loop. */
  void fail(Throwable cause) {
    home.run(() -> answer.tryFail(cause));
  }

  /**
   * The flight cannot answer: makes a call of its own, independent of the flight. From any loop.
   */
  void goAlone() {
    home.run(
        () -> {
          if (request.cancellation().isCancelled()) {
            answer.tryFail(left());
          } else {
            alone.respond(request, key).onSuccess(answer::tryComplete).onFailure(answer::tryFail);
          }
        });
  }
}
