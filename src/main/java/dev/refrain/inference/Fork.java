package dev.refrain.inference;

import io.vertx.core.Future;

/**
 * The one place where a request is sent into the shared lane or the direct lane. Allocates nothing.
 *
 * @param shared looks up, shares and stores answers
 * @param direct calls the upstream for this request alone
 */
public record Fork(SharedService shared, InferenceService direct) implements InferenceService {
  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    return request.sharing() instanceof Sharing.Shareable key
        ? shared.respond(request, key)
        : direct.respond(request);
  }
}
