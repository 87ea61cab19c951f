package dev.refrain.flight;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/**
 * One request in a flight. Its answer belongs to its own event loop, its seat to the flight's; the
 * methods say on which of the two they are called.
 */
final class Passenger {
  private final CompletionRequest request;
  private final Loop home;
  private final CompletionService alone;
  private final boolean first;
  private final Promise<Completion> answer = Promise.promise();
  private final Cancellation seat = new Cancellation();

  /**
   * A request.
   *
   * @param home its own event loop
   * @param alone answers it if the flight cannot
   * @param first whether the call was made for it
   */
  Passenger(CompletionRequest request, Loop home, CompletionService alone, boolean first) {
    this.request = request;
    this.home = home;
    this.alone = alone;
    this.first = first;
  }

  CompletionRequest request() {
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
  Cancellation seat() {
    return seat;
  }

  /** The answer. On its own loop. */
  Future<Completion> answer() {
    return answer.future();
  }

  /** Has the seat given up when the request is cancelled. From any loop. */
  void sit(Flight flight) {
    home.run(() -> request.cancellation().onCancel(() -> left(flight)));
  }

  private void left(Flight flight) {
    answer.tryFail(left());
    flight.run(() -> flight.leave(this));
  }

  private static Failure left() {
    return Failure.of(Failure.Kind.CANCELLED, "nobody wants the answer any more");
  }

  /** Answers. From any loop. */
  void complete(Completion completion) {
    home.run(() -> answer.tryComplete(completion));
  }

  /** Fails. From any loop. */
  void fail(Throwable cause) {
    home.run(() -> answer.tryFail(cause));
  }

  /** The flight cannot answer: makes a call of its own, that waits for nobody. From any loop. */
  void goAlone() {
    home.run(
        () -> {
          if (request.cancellation().isCancelled()) {
            answer.tryFail(left());
          } else {
            alone.complete(request).onSuccess(answer::tryComplete).onFailure(answer::tryFail);
          }
        });
  }
}
