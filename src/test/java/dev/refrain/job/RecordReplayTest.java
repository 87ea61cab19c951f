package dev.refrain.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RecordedAnswer;
import dev.refrain.job.ReplayHandler.Pace;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A job is recorded before a scripted upstream, and replayed without one. */
class RecordReplayTest {
  private static final String TOOLS =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"weather?\"}],\"stream\":true,"
          + "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}";
  private static final String SAMPLED = "{\"model\":\"m\",\"prompt\":\"dice\",\"temperature\":1}";
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":1000000,\"completion_tokens\":2000000}";

  @TempDir private Path folder;
  private final AtomicInteger throwsOfDice = new AtomicInteger();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(this::answer);

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  private Script answer(Received request) {
    String target = request.head().target();
    String body = request.text();
    if (body.contains("dice")) {
      return Script.json("{\n  \"text\": \"" + throwsOfDice.incrementAndGet() + "\"\n}");
    }
    if (body.contains("\"tools\"")) {
      return Script.events("Set-Cookie: a=b", "openai-model: m-1")
          .data("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"1\"}]}}]}")
          .chunk(": ping\n\ndata: {\"choices\":[{\"delta\":{\"tool_")
          .chunk("calls\":[{\"function\":{\"arguments\":\"{\\\"a\\\": \"}}]}}]}\r\n\r\n")
          .data("{\"choices\":[]," + USAGE + "}")
          .done();
    }
    if (target.equals("/v1/audio/speech")) {
      return Script.silence()
          .head(200, List.of("Content-Type: audio/mpeg", "Content-Length: 4"))
          .raw(new byte[] {0, (byte) 0xFF, 10, 13});
    }
    if (body.contains("slow down")) {
      return Script.answer(
          429, "{\"error\":{}}", "Retry-After: 7", "Content-Type: application/json");
    }
    if (body.contains("whose key")) {
      String quoted = request.head().first("Authorization").orElseThrow();
      return Script.answer(
          401, "no: " + quoted, "Content-Type: text/plain", "openai-model: " + quoted);
    }
    return Script.answer(
        200, "{\"to\":\"" + target + "\"}", "Content-Type: application/json", "Date: x");
  }

  /** What a job asks; the same in each run. */
  private static List<HttpResponse<byte[]>> job(JobFixture port) {
    List<HttpResponse<byte[]>> answers = new ArrayList<>();
    answers.add(
        port.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0}"));
    answers.add(port.post("/v1/completions", SAMPLED));
    answers.add(port.post("/v1/completions", SAMPLED));
    answers.add(port.post("/v1/chat/completions", TOOLS));
    answers.add(port.post("/v1/embeddings", "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}"));
    answers.add(port.get("/v1/models"));
    answers.add(port.post("/v1/audio/speech", "{\"input\":\"x\"}"));
    answers.add(port.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"slow down\"}"));
    answers.add(port.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"whose key\"}"));
    answers.add(port.post("/v1/responses?api-key=" + JobFixture.KEY, "{\"input\":\"x\"}"));
    answers.add(port.send(port.request("/v1/files/1").method("DELETE", BodyPublishers.noBody())));
    return answers;
  }

  @Test
  void aReplayGivesEveryByteWithoutAnUpstream() throws IOException {
    Path file = folder.resolve("job.jsonl");
    List<HttpResponse<byte[]>> recorded;
    List<Exchange> exchanges;
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      recorded = job(port);
      exchanges = port.finish(file);
      assertThat(port.report().recorded()).isEqualTo(recorded.size()).isEqualTo(upstream.calls());
      assertThat(port.report().credentials()).isEqualTo(2);
      assertThat(port.said).isEmpty();
    }
    upstream.close();
    try (JobFixture port = JobFixture.replaying(exchanges, Pace.NONE, Pricing.NONE)) {
      List<HttpResponse<byte[]>> replayed = job(port);
      for (int i = 0; i < recorded.size(); i++) {
        assertSame(recorded.get(i), replayed.get(i));
      }
      JobReport report = port.report();
      assertThat(report.replayed()).isEqualTo(recorded.size());
      assertThat(report.unused()).isZero();
      assertThat(report.repeated()).isZero();
      assertThat(report.saved().promptTokens()).isEqualTo(1_000_000);
    }
  }

  private static void assertSame(HttpResponse<byte[]> recorded, HttpResponse<byte[]> replayed) {
    assertThat(replayed.statusCode()).isEqualTo(recorded.statusCode());
    // Of the one that quotes the key, the key is replaced.
    String body = new String(recorded.body(), StandardCharsets.ISO_8859_1);
    assertThat(new String(replayed.body(), StandardCharsets.ISO_8859_1))
        .isEqualTo(body.replace(JobFixture.KEY, "[credential]"));
    for (String name : List.of("content-type", "retry-after")) {
      assertThat(replayed.headers().allValues(name)).isEqualTo(recorded.headers().allValues(name));
    }
    assertThat(replayed.headers().map()).doesNotContainKeys("set-cookie", "date");
  }

  @Test
  void noCredentialAndNoAddressIsWritten() throws IOException {
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      job(port);
      port.finish(folder.resolve("job.jsonl"));
    }
    for (String name : folder.toFile().list()) {
      assertThat(Files.readString(folder.resolve(name)))
          .doesNotContain(JobFixture.KEY, "127.0.0.1", upstream.url().split(":")[2]);
    }
  }

  @Test
  void theOperatorsKeyIsSentAndNotWritten() throws IOException {
    String key = "operators-own-key";
    RecordLimits limits = new RecordLimits(1 << 20, 1 << 20);
    try (JobFixture port = JobFixture.recording(upstream.url(), List.of(), limits, key)) {
      port.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"whose key\"}");
      port.finish(folder.resolve("job.jsonl"));
    }
    assertThat(upstream.last().head().first("Authorization").orElseThrow())
        .isEqualTo("Bearer " + key);
    assertThat(Files.readString(folder.resolve("job.jsonl")))
        .contains("no: Bearer [credential]")
        .doesNotContain(key);
  }

  @Test
  void twoRecordingsOfTheSameAnswersAreTheSameBytesThoughCallsAreConcurrent() throws IOException {
    for (String name : List.of("first", "second")) {
      throwsOfDice.set(0);
      try (JobFixture port = JobFixture.recording(upstream.url())) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          int prompt = name.equals("first") ? i % 20 : (40 - i) % 20;
          String body = "{\"model\":\"m\",\"prompt\":\"" + prompt + "\"}";
          all.add(port.start(port.request("/v1/completions").POST(BodyPublishers.ofString(body))));
        }
        all.forEach(CompletableFuture::join);
        job(port);
        port.finish(folder.resolve(name));
      }
    }
    assertThat(folder.resolve("second")).hasSameBinaryContentAs(folder.resolve("first"));
  }

  @Test
  void theUpstreamIsAskedOnceForEachRequestAndAsItWasSent() throws IOException {
    String body = "{ \"prompt\":\"slow down\", \"temperature\" : \"0\" }";
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      port.send(
          port.request("/v1/completions")
              .header("Accept-Encoding", "gzip")
              .header("X-Mine", "1")
              .POST(BodyPublishers.ofString(body)));
    }
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.last().text()).isEqualTo(body);
    assertThat(upstream.last().head().first("X-Mine")).hasValue("1");
    assertThat(upstream.last().head().first("Accept-Encoding")).isEmpty();
  }

  @Test
  void aStreamReachesTheClientWhileItIsRecorded() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().data("{\"a\":1}").pause(gate).done());
    try (JobFixture port = JobFixture.recording(upstream.url());
        InputStream in = stream(port).body()) {
      assertThat(in.readNBytes(15))
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("data: {\"a\":1}\n\n");
      gate.open();
      assertThat(in.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("data: [DONE]\n\n");
    }
  }

  private static HttpResponse<InputStream> stream(JobFixture port) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            port.request("/v1/chat/completions").POST(BodyPublishers.ofString(TOOLS)).build(),
            BodyHandlers.ofInputStream());
  }

  @Test
  void anAnswerIsRecordedWholeThoughItsClientLeaves() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().data("{\"a\":1}").pause(gate).data("{\"b\":2}").done());
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      try (Socket client = new Socket("127.0.0.1", URI.create(port.url()).getPort())) {
        client
            .getOutputStream()
            .write(
                "GET /v1/x HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        client.getInputStream().read();
        gate.awaitReached();
      }
      gate.open();
      Exchange exchange = port.finish(folder.resolve("job")).get(0);

      assertThat(exchange.answer().cut()).isFalse();
      assertThat(exchange.answer().body())
          .asString(StandardCharsets.UTF_8)
          .isEqualTo("data: {\"a\":1}\n\ndata: {\"b\":2}\n\ndata: [DONE]\n\n");
    }
  }

  @Test
  void anAnswerThatBreaksOffIsReplayedAsOneThatBreaksOff() throws Exception {
    upstream.play(Script.events().data("{\"a\":1}").chunk("data: {\"b\"").hangUp());
    List<Exchange> exchanges;
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      assertThatThrownBy(() -> port.post("/v1/chat/completions", TOOLS))
          .isInstanceOf(CompletionException.class);
      exchanges = port.finish(folder.resolve("job"));
      assertThat(exchanges.get(0).answer().cut()).isTrue();
      assertThat(port.report().recorded()).isEqualTo(1);
    }
    // Not with the JDK's client: it may forget what it has read when the connection breaks.
    try (JobFixture port = JobFixture.replaying(exchanges, Pace.NONE, Pricing.NONE);
        RawClient client = new RawClient(URI.create(port.url()).getPort())) {
      String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
      client.send(head + TOOLS.length() + "\r\n\r\n" + TOOLS);
      InputStream in = client.answer().stream();
      String all = "data: {\"a\":1}\n\ndata: {\"b\"";
      assertThat(in.readNBytes(all.length())).asString(StandardCharsets.UTF_8).isEqualTo(all);
      assertThatThrownBy(in::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aRequestWithoutAnAnswerIsCountedAndNotRecorded() throws IOException {
    upstream.play(Script.silence().hangUp());
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      assertThat(port.post("/v1/completions", SAMPLED).statusCode()).isEqualTo(502);
      assertThat(port.finish(folder.resolve("job"))).isEmpty();
      assertThat(port.report().unanswered()).isEqualTo(1);
      assertThat(port.said).hasSize(1).first().asString().contains("POST /v1/completions");
    }
  }

  @Test
  void whatIsTooLargeIsPassedOnAndReported() throws IOException {
    String large = "{\"model\":\"m\",\"prompt\":\"" + "x".repeat(2000) + "\"}";
    RecordLimits limits = new RecordLimits(1000, 700);
    try (JobFixture port = JobFixture.recording(upstream.url(), List.of(), limits, null)) {
      assertThat(port.post("/v1/completions", large).statusCode()).isEqualTo(200);
      for (int i = 0; i < 20; i++) {
        assertThat(port.get("/v1/models?" + i).statusCode()).isEqualTo(200);
      }
      List<Exchange> exchanges = port.finish(folder.resolve("job"));
      JobReport report = port.report();
      assertThat(report.recorded()).isEqualTo(exchanges.size()).isBetween(1, 19);
      assertThat(report.notRecordable()).isEqualTo(21 - exchanges.size());
      assertThat(port.said.get(0))
          .isEqualTo("cannot record POST /v1/completions: larger than 1000 bytes (--max-exchange)");
      assertThat(port.said.get(1)).endsWith("the recording is larger than 700 bytes (--max-size)");
    }
  }

  @Test
  void anUpdateAsksForWhatIsMissingAndForNothingElse() throws IOException {
    Path file = folder.resolve("job");
    List<Exchange> before;
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      job(port);
      before = port.finish(file);
    }
    int calls = upstream.calls();
    RecordLimits limits = new RecordLimits(1 << 20, 1 << 24);
    String large = "{\"model\":\"m\",\"prompt\":\"" + "x".repeat(2 << 20) + "\"}";
    try (JobFixture port = JobFixture.recording(upstream.url(), before, limits, null)) {
      assertThat(job(port)).hasSize(11);
      assertThat(upstream.calls()).isEqualTo(calls);
      assertThat(new String(port.post("/v1/completions", SAMPLED).body(), StandardCharsets.UTF_8))
          .contains("3");
      assertThat(port.post("/v1/completions", large).statusCode()).isEqualTo(200);
      assertThat(upstream.calls()).isEqualTo(calls + 2);
      assertThat(upstream.last().body()).hasSize(large.length());
      List<Exchange> after = port.finish(file);
      assertThat(after).hasSize(before.size() + 1);
      assertThat(after).filteredOn(each -> each.sample() == 3).hasSize(1);
      assertThat(port.report().replayed()).isEqualTo(11);
      assertThat(port.report().notRecordable()).isEqualTo(1);
    }
  }

  @Test
  void whatWasNotRecordedIsRefusedWithTheNearestRecording() throws IOException {
    List<Exchange> exchanges = recorded();
    try (JobFixture port = JobFixture.replaying(exchanges, Pace.NONE, Pricing.NONE)) {
      HttpResponse<byte[]> refused =
          port.post("/v1/completions", "{\"model\":\"m\",\"prompt\":\"dice\",\"temperature\":0.5}");
      JsonNode error = Json.read(new String(refused.body(), StandardCharsets.UTF_8)).path("error");

      assertThat(refused.statusCode()).isEqualTo(404);
      assertThat(error.path("code").asText()).isEqualTo("not_recorded");
      assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
      assertThat(error.path("param").asText()).isEqualTo("temperature");
      assertThat(error.path("nearest").path("differs").toString()).isEqualTo("[\"temperature\"]");
      assertThat(error.path("nearest").path("line").asInt()).isGreaterThan(1);
      assertThat(error.path("message").asText())
          .startsWith("not recorded: POST /v1/completions; the nearest recording, line ")
          .endsWith("differs in: temperature")
          .doesNotContain("dice");
      assertThat(port.get("/v1/unknown").statusCode()).isEqualTo(404);
      assertThat(port.report().notRecorded()).isEqualTo(2);
      assertThat(port.report().unused()).isEqualTo(exchanges.size());
      assertThat(port.said.get(1))
          .isEqualTo("not recorded: GET /v1/unknown; no request of this path is recorded");
      assertThat(Json.read(port.report().json(3)).path("missing")).hasSize(2);
    }
  }

  @Test
  void theLastSampleIsRepeated() throws IOException {
    try (JobFixture port = JobFixture.replaying(recorded(), Pace.NONE, Pricing.NONE)) {
      List<String> said = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        said.add(new String(port.post("/v1/completions", SAMPLED).body(), StandardCharsets.UTF_8));
      }
      assertThat(said.get(0)).contains("1");
      assertThat(said.subList(1, 4)).allMatch(each -> each.contains("2"));
      assertThat(port.report().repeated()).isEqualTo(2);
    }
  }

  @Test
  void aReplayAtTheRecordedPaceIsNoFaster() throws Exception {
    List<Exchange> slow = recorded().stream().map(RecordReplayTest::slowed).toList();
    try (JobFixture port = JobFixture.replaying(slow, Pace.RECORDED, Pricing.NONE)) {
      long began = System.nanoTime();
      byte[] body = port.post("/v1/chat/completions", TOOLS).body();

      assertThat(System.nanoTime() - began).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(90));
      assertThat(body).asString(StandardCharsets.UTF_8).endsWith("data: [DONE]\n\n");
      assertThat(port.report().upstreamSeconds()).isEqualTo(0.1);
    }
  }

  private static Exchange slowed(Exchange exchange) {
    RecordedAnswer answer = exchange.answer();
    List<Long> millis = new ArrayList<>();
    for (int i = 0; i <= answer.pieces().size(); i++) {
      millis.add(100L * i / Math.max(1, answer.pieces().size()));
    }
    RecordedAnswer slow =
        new RecordedAnswer(
            answer.status(), answer.headers(), answer.stream(), answer.pieces(), false, millis);
    return new Exchange(exchange.request(), exchange.sample(), slow, exchange.line());
  }

  @Test
  void tokensArePricedByTheirModel() throws IOException {
    Pricing pricing =
        new Pricing("EUR", (model, tokens) -> model.equals("m") ? tokens.completion() / 1e6 : 100);
    try (JobFixture port = JobFixture.replaying(recorded(), Pace.NONE, pricing)) {
      port.post("/v1/chat/completions", TOOLS);

      assertThat(String.join("\n", port.report().lines()))
          .contains("1 request, 1 replayed, ")
          .contains("saved 3000000 tokens (2.0000 EUR)");
      JsonNode saved = Json.read(port.report().json(0)).path("saved");
      assertThat(saved.path("money").asDouble()).isEqualTo(2);
      assertThat(saved.path("currency").asText()).isEqualTo("EUR");
    }
  }

  @Test
  void aWebSocketIsPassedOnAndReported() {
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      CompletableFuture<WebSocket> socket =
          HttpClient.newHttpClient()
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(port.url().replace("http", "ws") + "/v1/realtime"),
                  new WebSocket.Listener() {});

      assertThatThrownBy(socket::join).isInstanceOf(CompletionException.class);
      await().until(() -> port.report().notRecordable() == 1);
      assertThat(port.said.get(0)).isEqualTo("cannot record GET /v1/realtime: a WebSocket");
    }
  }

  @Test
  void aServerThatClosesBehindAnAnswerWithoutSayingSoIsNoTrouble() {
    upstream.play(Script.json("{}").hangUp());
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      for (int i = 0; i < 20; i++) {
        assertThat(port.post("/v1/completions", SAMPLED).statusCode()).isEqualTo(200);
      }
      assertThat(port.report().unanswered()).isZero();
    }
  }

  @Test
  void aPageOfAnotherNameIsRefused() throws IOException {
    try (JobFixture port = JobFixture.recording(upstream.url());
        Socket client = new Socket("127.0.0.1", URI.create(port.url()).getPort())) {
      String request = "GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
      client.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));

      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 403 ");
      assertThat(upstream.calls()).isZero();
    }
  }

  private List<Exchange> recorded() throws IOException {
    try (JobFixture port = JobFixture.recording(upstream.url())) {
      job(port);
      return port.finish(folder.resolve("recorded"));
    }
  }
}
