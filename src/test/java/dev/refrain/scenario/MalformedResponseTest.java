package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** An answer that cannot be read is told in words, asked for once, and keeps no connection. */
class MalformedResponseTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  private static final String EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  private static final Map<String, String> WORDS =
      Map.of(
          OK + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
          "sent a Content-Length that is not valid, or several that differ",
          OK + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
          "sent both Content-Length and Transfer-Encoding",
          OK + "X-Secret: stranger\u0000\r\nContent-Length: 2\r\n\r\n{}",
          "sent a header field that is not valid",
          OK + "X-Secret: " + "stranger".repeat(5_000) + "\r\nContent-Length: 2\r\n\r\n{}",
          "sent more header fields than upstreams[].headerSize allows",
          "SSH-2.0-OpenSSH_9.2p1 stranger\r\n",
          "did not answer in HTTP/1.1",
          "HTTP/1.1 stranger\r\n\r\n",
          "did not answer in HTTP/1.1",
          OK.replace("HTTP", "http") + "Content-Length: 2\r\n\r\n{}",
          "did not answer in HTTP/1.1",
          OK + "Transfer-Encoding: chunked\r\n\r\nstranger\r\n",
          "sent a chunk that is not valid",
          EVENTS + "Transfer-Encoding: chunked\r\n\r\nstranger\r\n",
          "sent a chunk that is not valid");

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1");

  static Stream<Arguments> calls() {
    return Stream.of(MarkedCall.PLAIN, MarkedCall.STREAM, MarkedCall.MODELS, MarkedCall.SEVERAL)
        .flatMap(
            call ->
                Stream.of(Version.HTTP_1_1, Version.HTTP_2)
                    .map(version -> Arguments.of(call, version)));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void isToldInWordsAndAskedForOnce(MarkedCall call, Version version) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    int most = call == MarkedCall.SEVERAL ? 2 : 1;
    int i = 0;
    for (Map.Entry<String, String> each : WORDS.entrySet()) {
      int before = upstream.calls();
      upstream.play(Script.silence().raw(each.getKey()));
      HttpResponse<String> answer = send(client, call, "mark-" + ++i);
      assertThat(answer.statusCode()).as(each.getValue()).isEqualTo(502);
      assertThat(answer.body()).contains("the upstream " + each.getValue());
      assertThat(answer.body() + answer.headers()).doesNotContain("stranger");
      assertThat(upstream.calls() - before).as(each.getValue()).isBetween(1, most);
      upstream.play(request -> Script.silence().raw(MarkedCall.answer(request)));
      assertThat(send(client, call, "mark-next" + i).body()).contains("mark-next" + i);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = MarkedCall.class,
      names = {"PASSED", "PASSED_BODY"})
  void isToldInWordsWhereItPassesThrough(MarkedCall call) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    for (Map.Entry<String, String> each : WORDS.entrySet()) {
      if (each.getValue().contains("chunk")) {
        continue; // its head has passed
      }
      int before = upstream.calls();
      upstream.play(Script.silence().raw(each.getKey()));
      HttpResponse<String> answer = send(client, call, "mark-x");
      assertThat(answer.statusCode()).as(each.getValue()).isEqualTo(502);
      assertThat(answer.body()).contains("the upstream " + each.getValue());
      assertThat(upstream.calls() - before).as(each.getValue()).isEqualTo(1);
    }
  }

  @Test
  void isCountedByItsReason() throws Exception {
    upstream.play(Script.silence().raw("stranger\r\n\r\n"));
    send(HttpClient.newHttpClient(), MarkedCall.PLAIN, "mark-x");
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_upstream_duration_seconds_count{outcome=\"malformed\"} 1")
        .contains("refrain_upstream_retries_total{reason=\"broken\"} 0.0");
  }

  @Test
  void theBoundOfItsHeadIsTheOperators() throws Exception {
    String head = OK.replace("\r\nC", "\r\nX: " + "y".repeat(60_000) + "\r\nC");
    Script large = Script.silence().raw(head + "Content-Length: 2\r\n\r\n{}");
    upstream.play(large);
    assertThat(send(HttpClient.newHttpClient(), MarkedCall.PASSED, "mark-x").statusCode())
        .isEqualTo(502);
    try (Proxy wide = Proxy.before(upstream.url(), "headerSize: 64KiB", "", "eventLoops: 1")) {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(MarkedCall.PASSED.request(wide.url(), "mark-x"), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X").orElseThrow()).hasSize(60_000);
    }
  }

  private HttpResponse<String> send(HttpClient client, MarkedCall call, String marker)
      throws Exception {
    return client.send(call.request(proxy.url(), marker), BodyHandlers.ofString());
  }
}
