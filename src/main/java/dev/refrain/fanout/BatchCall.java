package dev.refrain.fanout;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import io.vertx.core.Future;

/**
 * Sends the parts of one request that have to go upstream as one call, where the request's {@code
 * Division} says so. Every other request passes.
 */
public final class BatchCall implements CompletionService {
  private final CompletionService next;

  /** A stage for the event loop it is used on. */
  public BatchCall(CompletionService next) {
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    return request.content() instanceof BatchedContent member
        ? member.batch().arrive(member.part(), request.withContent(member.own()), next)
        : next.complete(request);
  }
}
