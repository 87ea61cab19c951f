package dev.refrain.inference;

import io.vertx.core.Future;
import java.net.URI;

/** Wraps every call to a server, including retries. */
@FunctionalInterface
public interface CallInterceptor {
  /** Adds nothing. */
  CallInterceptor NONE = (request, server, call) -> call.respond(request);

  /**
   * Makes the call, on the request's event loop.
   *
   * @param server its base URL
   * @param call to be made once, with this request or one like it
   */
  Future<InferenceResponse> intercept(InferenceRequest request, URI server, InferenceService call);
}
