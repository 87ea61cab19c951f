package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that a server compresses although it was asked not to. */
class CompressedAnswerTest {
  private static final String EVENTS =
      "data: " + chunk("a", "stop") + "\n\ndata: " + Examples.usage() + "\n\ndata: [DONE]\n\n";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "limits: {answer: 1MiB}");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script answer(int status, String type, byte[] body, String... lines) {
    Script head =
        Script.silence()
            .head(
                status,
                java.util.stream.Stream.concat(
                        List.of("Content-Type: " + type, "Content-Length: " + body.length).stream(),
                        java.util.Arrays.stream(lines))
                    .toList());
    return head.raw(body);
  }

  private static Script compressed(Received request) {
    return request.wantsStream()
        ? answer(200, "text/event-stream", gzip(EVENTS), "Content-Encoding: gzip")
        : answer(200, "application/json", gzip(Examples.ANSWER), "Content-Encoding: gzip");
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out, true)) {
      gzip.write(text.getBytes(UTF_8));
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  @Test
  void aDocumentIsDecompressedAndStored() {
    upstream.play(CompressedAnswerTest::compressed);

    for (int i = 0; i < 2; i++) {
      HttpResponse<String> answer = proxy.post(Examples.asking("d"));
      assertThat(answer.body()).isEqualTo(Examples.ANSWER);
      assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    }
    assertThat(Events.of(proxy.post(Examples.streaming("d")).body()).properlyEnded()).isTrue();
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aStreamIsDecompressedAndStored() {
    upstream.play(CompressedAnswerTest::compressed);

    for (int i = 0; i < 2; i++) {
      HttpResponse<String> answer = proxy.post(Examples.streaming("s"));
      assertThat(Events.of(answer.body()).text(0)).isEqualTo("a");
      assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void eventsThatWereFlushedArriveBeforeTheNext() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    GZIPOutputStream gzip = new GZIPOutputStream(out, true);
    gzip.write(("data: " + chunk("first", null) + "\n\n").getBytes(UTF_8));
    gzip.flush();
    byte[] first = out.toByteArray();
    out.reset();
    gzip.write(("data: " + chunk(" last", "stop") + "\n\ndata: [DONE]\n\n").getBytes(UTF_8));
    gzip.close();
    Gate gate = new Gate();
    upstream.play(
        Script.silence()
            .head(200, List.of("Content-Type: text/event-stream", "Content-Encoding: gzip"))
            .raw(first)
            .pause(gate)
            .raw(out.toByteArray())
            .hangUp());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("live")).answer();
      assertThat(answer.until("\n\n")).contains("first");
      gate.open();
      assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void compressedPartsAreMerged(String temperature) {
    upstream.play(CompressedAnswerTest::compressed);
    String several = "\"n\":2,\"temperature\":" + temperature;

    String plain = proxy.post(Examples.asking("n").replace("\"temperature\":0", several)).body();
    String stream =
        proxy.post(Examples.streaming("m").replace("\"temperature\":0", several)).body();

    assertThat(Json.read(plain).path("choices")).hasSize(2);
    assertThat(Events.of(stream).text(1)).isEqualTo("a");
  }

  @Test
  void aTransferCodingIsUndoneToo() {
    byte[] body = gzip(Examples.ANSWER);
    upstream.play(
        Script.silence()
            .head(
                200, List.of("Content-Type: application/json", "Transfer-Encoding: gzip, chunked"))
            .raw(Integer.toHexString(body.length) + "\r\n")
            .raw(body)
            .raw("\r\n")
            .end());

    assertThat(proxy.post(Examples.asking("t")).body()).isEqualTo(Examples.ANSWER);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 503})
  void anErrorIsDecompressed(int status) {
    String error = "{\"error\":{\"message\":\"no\"}}";
    upstream.play(answer(status, "application/json", gzip(error), "Content-Encoding: gzip"));

    HttpResponse<String> answer = proxy.post(Examples.asking("e"));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEqualTo(error);
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip, br", "compress"})
  void anUnknownCodingIsRefusedAndNamedAndAskedForOnce(String coding) {
    String line = "Content-Encoding: " + coding;
    upstream.play(answer(200, "application/json", new byte[] {1, 2, 3}, line));

    HttpResponse<String> answer = proxy.post(Examples.streaming("u"));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains(coding);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void anErrorInAnUnknownCodingPassesAsItCame() {
    upstream.play(answer(400, "application/json", new byte[] {'b', 'r'}, "Content-Encoding: br"));

    HttpResponse<String> answer = proxy.post(Examples.asking("u"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("br");
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("br");
  }

  @Test
  void aBodyThatGrowsOverTheLimitIsRefusedAndAskedForOnce() {
    byte[] bomb = gzip("{\"choices\":\"" + " ".repeat(32 << 20));
    upstream.play(answer(200, "application/json", bomb, "Content-Encoding: gzip"));

    assertThat(proxy.post(Examples.asking("bomb")).statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(1);
    byte[] endless = gzip("data: " + "x".repeat(32 << 20));
    upstream.play(answer(200, "text/event-stream", endless, "Content-Encoding: gzip"));

    assertThat(proxy.post(Examples.streaming("bomb")).statusCode()).isEqualTo(502);
  }

  @Test
  void aBodyThatIsNotWhatItSaysIsRefused() {
    upstream.play(
        answer(200, "application/json", Examples.ANSWER.getBytes(UTF_8), "Content-Encoding: gzip"));

    HttpResponse<String> answer = proxy.post(Examples.asking("not"));

    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(answer.body()).contains("decompressed");
  }
}
