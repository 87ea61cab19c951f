package dev.refrain.tracing;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Future;

/** Records each request, from its body to the end of its answer. */
final class TracedRequests implements InferenceService {
  private final Spans spans;
  private final InferenceService next;

  TracedRequests(Spans spans, InferenceService next) {
    this.spans = spans;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request) {
    AnswerSpan span = new AnswerSpan(spans.request(request), SpanKind.SERVER, request);
    return next.respond(request).map(span::follow).onFailure(span::failed);
  }
}
