package dev.refrain.inference;

import io.vertx.core.Future;

/**
 * Answers completion requests. Every stage of the pipeline is one, and wraps the next.
 *
 * <p>Called on the event loop of the request; the future completes on the same loop. It fails with
 * a {@link Failure} when there is no reply; an upstream's error status is a reply and succeeds.
 */
@FunctionalInterface
public interface InferenceService {
  /** The future of a head: once it succeeds the status is known, and frames may follow. */
  Future<InferenceResponse> respond(InferenceRequest request);
}
