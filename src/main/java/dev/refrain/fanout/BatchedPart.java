package dev.refrain.fanout;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;

/** One part that waits for the answer to its batch. Lives on the batch's event loop. */
final class BatchedPart {
  private final CompletionRequest request;
  private final Promise<Completion> answer = Promise.promise();

  BatchedPart(CompletionRequest request) {
    this.request = request;
    request.cancellation().onCancel(this::cancelled);
  }

  private void cancelled() {
    answer.tryFail(Failure.of(Failure.Kind.CANCELLED, "the caller has left"));
  }

  /** Cancels the call that is made for all of them once none of them is wanted any more. */
  static void cancelWhenAllLeft(List<BatchedPart> parts, Cancellation call) {
    Runnable check =
        () -> {
          if (parts.stream().allMatch(BatchedPart::isCancelled)) {
            call.cancel();
          }
        };
    parts.forEach(part -> part.request.cancellation().onCancel(check));
  }

  CompletionRequest request() {
    return request;
  }

  boolean isCancelled() {
    return request.cancellation().isCancelled();
  }

  Future<Completion> answer() {
    return answer.future();
  }

  /** Sends the part on its own. */
  void passTo(CompletionService next) {
    next.complete(request).onSuccess(answer::tryComplete).onFailure(answer::tryFail);
  }

  void complete(Completion completion) {
    answer.tryComplete(completion);
  }

  void fail(Throwable cause) {
    answer.tryFail(cause);
  }
}
