package dev.refrain.upstream;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import io.vertx.core.Future;

/** Makes one call to one server. Answers like an {@code InferenceService}, on the same loop. */
@FunctionalInterface
interface CallSender {
  Future<InferenceResponse> call(InferenceRequest request, Attempt attempt);
}
