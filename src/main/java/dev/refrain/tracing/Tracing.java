package dev.refrain.tracing;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The traces of a process. What is recorded is queued, within a bound, and sent from a thread of
 * the library's own. Safe on any thread.
 */
public final class Tracing {
  private static final int LONGEST_VALUE = 256;

  private final SdkTracerProvider provider;
  private final Spans spans;

  Tracing(SdkTracerProvider provider) {
    this.provider = provider;
    this.spans = new Spans(provider.get("dev.refrain"));
  }

  /**
   * Traces for a collector, which need not be reachable.
   *
   * @param version of this program
   */
  public static Tracing to(TracingSettings settings, String version) {
    // The library uses the JDK's logging; its messages belong to the common log.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    String endpoint = settings.endpoint() + "/v1/traces";
    OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build();
    return new Tracing(provider(settings, version, BatchSpanProcessor.builder(exporter).build()));
  }

  static SdkTracerProvider provider(
      TracingSettings settings, String version, SpanProcessor processor) {
    Attributes who =
        Attributes.builder().put("service.name", "refrain").put("service.version", version).build();
    return SdkTracerProvider.builder()
        .setResource(Resource.getDefault().merge(Resource.create(who)))
        .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(settings.ratio())))
        .setSpanLimits(SpanLimits.builder().setMaxAttributeValueLength(LONGEST_VALUE).build())
        .addSpanProcessor(processor)
        .build();
  }

  /** A stage that records requests; above all others. */
  public InferenceService requests(InferenceService next) {
    return new TracedRequests(spans, next);
  }

  /** Records calls to servers. */
  public CallInterceptor calls() {
    return new TracedCalls(spans);
  }

  /** Sends what is still to be sent; done when it is, or cannot be. */
  public Future<Void> close() {
    Promise<Void> closed = Promise.promise();
    provider.shutdown().whenComplete(closed::complete);
    return closed.future();
  }

  /** Records each request, from its body to the end of its answer. */
  private static final class TracedRequests implements InferenceService {
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

  /** Records each call to a server, which learns of it. */
  private static final class TracedCalls implements CallInterceptor {
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
}
