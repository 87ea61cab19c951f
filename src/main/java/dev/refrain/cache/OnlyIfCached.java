package dev.refrain.cache;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.vertx.core.Future;

/** Stops a request that must not go upstream (RFC 9111 §5.2.1.7). Stands below every cache. */
public final class OnlyIfCached implements InferenceService {
  private final InferenceService next;

  /** A stage before whatever costs money. */
  public OnlyIfCached(InferenceService next) {
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    if (!request.directives().onlyIfCached()) {
      return next.respond(request);
    }
    String message = "no stored answer, and the request has only-if-cached";
    return Future.failedFuture(Failure.of(Failure.Kind.NOT_CACHED, message));
  }
}
