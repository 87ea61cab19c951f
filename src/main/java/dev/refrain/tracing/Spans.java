package dev.refrain.tracing;

import dev.refrain.address.Authority;
import dev.refrain.inference.InferenceRequest;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.vertx.core.MultiMap;
import java.net.URI;

/**
 * Begins spans, each a child of what the headers say, and says in the headers who is the parent of
 * what comes next: so no context has to be carried past stages, loops and callers who share a call.
 *
 * <p>Sources: W3C Trace Context; OpenTelemetry semantic conventions for HTTP and generative AI.
 */
final class Spans {
  private static final W3CTraceContextPropagator W3C = W3CTraceContextPropagator.getInstance();
  private static final int HTTPS = 443;
  private static final int HTTP = 80;

  private final Tracer tracer;

  Spans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** The span of a request; it becomes the parent in the headers. */
  Span request(InferenceRequest request) {
    String route = request.language().endpoint().path();
    Span span =
        begin(request, "POST " + route, SpanKind.SERVER)
            .setAttribute("http.request.method", "POST")
            .setAttribute("http.route", route)
            .setAttribute("refrain.request.id", request.id())
            .startSpan();
    inject(span, request.headers());
    return span;
  }

  /** Of a call to a server. */
  Span call(InferenceRequest request, URI server) {
    int port = Authority.port(server);
    int standard = "https".equals(server.getScheme()) ? HTTPS : HTTP;
    return begin(request, operation(request) + " " + request.model(), SpanKind.CLIENT)
        .setAttribute("gen_ai.provider.name", "openai")
        .setAttribute("http.request.method", "POST")
        .setAttribute("server.address", Authority.host(server))
        .setAttribute("server.port", port < 0 ? standard : port)
        .startSpan();
  }

  private static String operation(InferenceRequest request) {
    return request.language().endpoint().operation();
  }

  private SpanBuilder begin(InferenceRequest request, String name, SpanKind kind) {
    return tracer
        .spanBuilder(name)
        .setSpanKind(kind)
        .setParent(W3C.extract(Context.root(), request.headers(), Headers.GETTER))
        .setAttribute("gen_ai.operation.name", operation(request))
        .setAttribute("gen_ai.request.model", request.model());
  }

  /** Makes a span the parent of the call with these headers. */
  static void inject(Span span, MultiMap headers) {
    W3C.inject(Context.root().with(span), headers, MultiMap::set);
  }

  private enum Headers implements TextMapGetter<MultiMap> {
    GETTER;

    @Override
    public String get(MultiMap headers, String name) {
      return headers == null ? null : headers.get(name);
    }
  }
}
