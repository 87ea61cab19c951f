package dev.refrain.fanout;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;

/** One part that waits for the answer to its batch. Lives on the batch's event loop. */
final class BatchedPart {
  private final InferenceRequest request;
  private final Promise<InferenceResponse> answer = Promise.promise();

  BatchedPart(InferenceRequest request) {
    this.request = request;
    request.cancellation().onCancel(this::cancelled);
  }

  private void cancelled() {
    answer.tryFail(Failure.of(Failure.Kind.CANCELLED, "the client has left"));
  }

  /** Cancels the call that is made for all of them once none of them is wanted any more. */
  static void cancelWhenAllLeft(List<BatchedPart> parts, Cancellation call) {
    int[] wanted = {parts.size()};
    Runnable leave =
        () -> {
          if (--wanted[0] == 0) {
            call.cancel();
          }
        };
    parts.forEach(part -> part.request.cancellation().onCancel(leave));
  }

  InferenceRequest request() {
    return request;
  }

  boolean isCancelled() {
    return request.cancellation().isCancelled();
  }

  Future<InferenceResponse> answer() {
    return answer.future();
  }

  /** Sends the part on its own. */
  void passTo(InferenceService next) {
    next.respond(request).onSuccess(answer::tryComplete).onFailure(answer::tryFail);
  }

  void complete(InferenceResponse response) {
    answer.tryComplete(response);
  }

  void fail(Throwable cause) {
    answer.tryFail(cause);
  }
}
