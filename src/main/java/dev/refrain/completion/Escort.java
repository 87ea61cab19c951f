package dev.refrain.completion;

import io.vertx.core.Future;
import java.net.URI;

/** Goes along with every call that is made to a server, tries in vain included. */
@FunctionalInterface
public interface Escort {
  /** Nobody goes along. */
  Escort NOBODY = (request, server, call) -> call.complete(request);

  /**
   * Makes the call, on the request's event loop.
   *
   * @param server its base URL
   * @param call to be made once, with this request or one like it
   */
  Future<Completion> complete(CompletionRequest request, URI server, CompletionService call);
}
