package dev.refrain.fanout;

import dev.refrain.fanout.Batch.BatchedContent;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.vertx.core.Future;

/**
 * Sends the parts of one request that have to go upstream as one call, where the request's {@code
 * Division} says so. Every other request passes.
 */
public final class BatchCall implements InferenceService {
  private final InferenceService next;

  /** A stage for the event loop it is used on. */
  public BatchCall(InferenceService next) {
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    return request.content() instanceof BatchedContent member
        ? member.batch().arrive(member.part(), request.withContent(member.own()), next)
        : next.respond(request);
  }
}
