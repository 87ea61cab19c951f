package dev.refrain.tracing;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;

/** Records each call to a server, which learns of it. */
final class TracedCalls implements CallInterceptor {
  private final Spans spans;

  TracedCalls(Spans spans) {
    this.spans = spans;
  }

  @Override
  public Future<InferenceResponse> intercept(
      InferenceRequest request, URI server, InferenceService call) {
    Span begun = spans.call(request, server);
    // Others may make calls with the same headers at the same time.
    MultiMap headers = HttpHeaders.headers().addAll(request.headers());
    Spans.inject(begun, headers);
    AnswerSpan span = new AnswerSpan(begun, SpanKind.CLIENT, request);
    return call.respond(request.with(headers)).map(span::follow).onFailure(span::failed);
  }
}
