package dev.refrain.tracing;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Future;

/** Records each request, from its body to the end of its answer. */
final class TracedRequests implements CompletionService {
  private final Spans spans;
  private final CompletionService next;

  TracedRequests(Spans spans, CompletionService next) {
    this.spans = spans;
    this.next = next;
  }

  @Override
  public Future<Completion> complete(CompletionRequest request) {
    AnswerSpan span = new AnswerSpan(spans.request(request), SpanKind.SERVER, request);
    return next.complete(request).map(span::follow).onFailure(span::failed);
  }
}
