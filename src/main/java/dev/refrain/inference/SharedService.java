package dev.refrain.inference;

import dev.refrain.inference.Sharing.Shareable;
import io.vertx.core.Future;

/**
 * Answers requests whose answers may be shared. Every stage of the shared lane is one; {@link Fork}
 * leads to the first.
 *
 * <p>Threads and errors: those of {@link InferenceService}.
 *
 * <p>Source: docs/internals/decisions/0065.
 */
@FunctionalInterface
public interface SharedService {
  /**
   * The future of a head, as in {@link InferenceService#respond}.
   *
   * @param key what the answer is shared under; the {@link InferenceRequest#sharing} of the request
   */
  Future<InferenceResponse> respond(InferenceRequest request, Shareable key);
}
