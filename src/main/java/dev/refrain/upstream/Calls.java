package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import io.vertx.core.Future;

/** Makes one call to one server. Answers like a {@code CompletionService}, on the same loop. */
@FunctionalInterface
interface Calls {
  Future<Completion> call(CompletionRequest request, Attempt attempt);
}
