package dev.refrain.tracing;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.InferenceService;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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

  /** Traces to a collector, which need not be there. */
  public static Tracing to(TracingSettings settings) {
    // The library uses the JDK's logging; its messages belong to the common log.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    String endpoint = settings.endpoint() + "/v1/traces";
    OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build();
    return new Tracing(provider(settings, BatchSpanProcessor.builder(exporter).build()));
  }

  static SdkTracerProvider provider(TracingSettings settings, SpanProcessor processor) {
    Attributes who =
        Attributes.builder()
            .put("service.name", "refrain")
            .put("service.version", settings.version())
            .build();
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
}
