package dev.refrain.cache;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Failure;
import io.vertx.core.Future;

/** Stops a request that must not go upstream (RFC 9111 §5.2.1.7). Stands below every cache. */
public final class OnlyIfCached implements CompletionService {
  private final CompletionService next;

  /** A stage before whatever costs money. */
  public OnlyIfCached(CompletionService next) {
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    if (!request.directives().onlyIfCached()) {
      return next.complete(request);
    }
    String message = "no kept answer, and the request said only-if-cached";
    return Future.failedFuture(Failure.of(Failure.Kind.NOT_CACHED, message));
  }
}
