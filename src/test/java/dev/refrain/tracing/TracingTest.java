package dev.refrain.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Source;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeFrames;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeReader;
import dev.refrain.testing.FakeRequest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final URI SERVER = URI.create("https://api.example.com");

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final FakeNext next = new FakeNext();

  @Test
  void aRequestIsOneServerSpanOfTheTraceItsCallerGave() {
    InferenceRequest request = FakeRequest.shareable(1, Framing.WHOLE);
    request.headers().set("traceparent", PARENT);
    next.answer(kept("the end"));

    tracing(1).requests(next).respond(request);

    SpanData span = only();
    assertThat(span.getName()).isEqualTo("POST /v1/completions");
    assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(attributes(span))
        .isEqualTo(
            Map.of(
                "gen_ai.operation.name", "text_completion",
                "gen_ai.request.model", "m",
                "http.request.method", "POST",
                "http.response.status_code", 200L,
                "http.route", "/v1/completions",
                "refrain.cache.source", "memory",
                "refrain.request.id", "id",
                "refrain.usage.input_tokens", 2L,
                "refrain.usage.output_tokens", 3L));
  }

  @Test
  void onlyTheSpanOfTheCallHasTheUsageThatBackendsAddUp() {
    Tracing tracing = tracing(1);
    next.answer(kept("the end"));

    tracing.requests(calling(tracing, next)).respond(FakeRequest.shareable(1, Framing.WHOLE));

    assertThat(exporter.getFinishedSpanItems())
        .filteredOn(span -> attributes(span).containsKey("gen_ai.usage.output_tokens"))
        .singleElement()
        .extracting(SpanData::getKind)
        .isEqualTo(SpanKind.CLIENT);
  }

  @Test
  void aCallIsAClientSpanBelowThatOfItsRequestAndTheServerIsTold() {
    InferenceRequest request = FakeRequest.alone(Framing.WHOLE);
    request.headers().set("traceparent", PARENT).set("tracestate", "a=b");
    Tracing tracing = tracing(1);
    next.answer(Whole.notStorable(FakeRequest.head("application/json"), Buffer.buffer("x")));

    tracing.requests(calling(tracing, next)).respond(request);

    SpanData call = exporter.getFinishedSpanItems().get(0);
    SpanData whole = exporter.getFinishedSpanItems().get(1);
    assertThat(call.getName()).isEqualTo("text_completion m");
    assertThat(call.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(call.getParentSpanId()).isEqualTo(whole.getSpanId());
    assertThat(attributes(call))
        .containsEntry("server.address", "api.example.com")
        .containsEntry("server.port", 443L)
        .containsEntry("http.response.status_code", 200L)
        .doesNotContainKey("gen_ai.usage.input_tokens"); // nobody said
    assertThat(next.request().headers().get("traceparent"))
        .isEqualTo("00-" + TRACE + "-" + call.getSpanId() + "-01");
    assertThat(next.request().headers().get("tracestate")).isEqualTo("a=b");
    assertThat(request.headers().get("traceparent"))
        .isEqualTo("00-" + TRACE + "-" + whole.getSpanId() + "-01");
  }

  @Test
  void whoFollowsARequestFollowsItsTracedCallsToo() {
    RequestListener listener = (step, whom) -> {};
    Tracing tracing = tracing(1);
    next.answer(kept("x"));

    tracing
        .requests(calling(tracing, next))
        .respond(FakeRequest.alone(Framing.WHOLE).with(listener));

    assertThat(next.request().listener()).isSameAs(listener);
  }

  @Test
  void whoComesWithoutATraceBeginsOne() {
    InferenceRequest request = FakeRequest.alone(Framing.WHOLE);
    next.answer(kept("x"));
    tracing(1).requests(next).respond(request);
    assertThat(only().getParentSpanId()).isEqualTo(SpanId.getInvalid());
    assertThat(request.headers().get("traceparent")).contains(only().getTraceId());
  }

  @Test
  void theCallerDecidesWhatIsKeptAndOnlyWithoutOneTheRatioDoes() {
    InferenceRequest not = FakeRequest.alone(Framing.WHOLE);
    not.headers().set("traceparent", PARENT.replaceAll("01$", "00"));
    next.answer(kept("x")).answer(kept("x")).answer(kept("x"));
    tracing(1).requests(next).respond(not);
    tracing(0).requests(next).respond(FakeRequest.alone(Framing.WHOLE));
    assertThat(exporter.getFinishedSpanItems()).isEmpty();
    assertThat(not.headers().get("traceparent")).startsWith("00-" + TRACE).endsWith("-00");

    InferenceRequest kept = FakeRequest.alone(Framing.WHOLE);
    kept.headers().set("traceparent", PARENT);
    tracing(0).requests(next).respond(kept);
    assertThat(exporter.getFinishedSpanItems()).hasSize(1);
  }

  @Test
  void aStreamIsOverAtItsEndAndTellsItsTokensThen() {
    FakeFrames frames = new FakeFrames();
    FakeReader reader = new FakeReader();
    read(frames, reader, FakeRequest.shareable(1, Framing.STREAM));
    frames.offer("a");
    assertThat(exporter.getFinishedSpanItems()).isEmpty();

    frames.offer("usage 5");
    frames.end();

    assertThat(reader.texts()).containsExactly("a", "usage 5");
    assertThat(reader.ends()).isEqualTo(1);
    assertThat(attributes(only())).containsEntry("refrain.cache.source", "upstream");
  }

  @Test
  void aStreamThatBreaksOffIsAnErrorOfItsKindAndNoMore() {
    FakeFrames frames = new FakeFrames();
    FakeReader reader = new FakeReader();
    read(frames, reader, FakeRequest.shareable(1, Framing.STREAM));
    frames.fail(Failure.of(Failure.Kind.UPSTREAM_BROKEN, "secret"));

    assertThat(reader.failure()).isNotNull();
    assertThat(attributes(only())).containsEntry("error.type", "upstream_broken");
    assertThat(only().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(only().toString()).doesNotContain("secret");
  }

  @Test
  void whoLeavesEndsItOnce() {
    InferenceRequest request = FakeRequest.shareable(1, Framing.STREAM);
    FakeFrames frames = new FakeFrames();
    read(frames, new FakeReader(), request);
    request.cancellation().cancel();
    frames.end();
    assertThat(attributes(only())).containsEntry("error.type", "cancelled");
  }

  @Test
  void aFailureIsAnErrorAndSoIsARefusalToWhoCalled() {
    Tracing tracing = tracing(1);
    next.fail(Failure.of(Failure.Kind.UPSTREAM_TIMEOUT, "secret"));
    tracing.requests(next).respond(FakeRequest.alone(Framing.WHOLE));
    assertThat(attributes(only())).containsEntry("error.type", "upstream_timeout");
    exporter.reset();

    next.answer(Whole.notStorable(new Head(429, HttpHeaders.headers()), Buffer.buffer("secret")));
    tracing.requests(calling(tracing, next)).respond(FakeRequest.alone(Framing.WHOLE));
    assertThat(exporter.getFinishedSpanItems())
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactly(StatusCode.ERROR, StatusCode.UNSET);
    assertThat(exporter.getFinishedSpanItems().toString()).doesNotContain("secret");
  }

  private void read(FakeFrames frames, FakeReader reader, InferenceRequest request) {
    CompletenessCheck check = FakeRequest.STREAMS.check(1);
    next.answer(Streamed.notStorable(FakeRequest.head("text/event-stream"), frames, check));
    InferenceResponse answer = tracing(1).requests(next).respond(request).result();
    ((Streamed) answer).frames().read(reader);
  }

  private static InferenceService calling(Tracing tracing, InferenceService last) {
    return request -> tracing.calls().intercept(request, SERVER, last);
  }

  private static Whole kept(String body) {
    Entry entry = FakeRequest.entry(1, Framing.WHOLE, body, 1);
    Provenance memory = new Provenance(Source.MEMORY, 1, 2);
    return new Whole(
        entry.head(), entry.body(), entry.completeness(), memory, Future.succeededFuture(entry));
  }

  private Tracing tracing(double ratio) {
    TracingSettings settings = new TracingSettings("http://nowhere", ratio);
    return new Tracing(Tracing.provider(settings, "1", SimpleSpanProcessor.create(exporter)));
  }

  private SpanData only() {
    List<SpanData> spans = exporter.getFinishedSpanItems();
    assertThat(spans).hasSize(1);
    return spans.get(0);
  }

  private static Map<String, Object> attributes(SpanData span) {
    return span.getAttributes().asMap().entrySet().stream()
        .collect(
            Collectors.toMap(
                one -> ((AttributeKey<?>) one.getKey()).getKey(), Map.Entry::getValue));
  }
}
