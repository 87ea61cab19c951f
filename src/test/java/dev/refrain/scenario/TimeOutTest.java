package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Four clocks, one for each way an upstream can keep a caller waiting, and no upstream at all. */
class TimeOutTest {
  private static final Script BEGUN = Script.events().data(chunk("a", null));
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  /** One request for each framing, shared and not. */
  static Stream<String> requests() {
    return Stream.concat(wholes(), streams());
  }

  static Stream<String> wholes() {
    return Stream.of(Examples.asking("t"), Examples.sampling("t"));
  }

  static Stream<String> streams() {
    return Stream.of(Examples.streaming("t"), Examples.samplingStream("t"));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void anUpstreamThatNobodyListensOnIs502(String request) throws Exception {
    upstream.close();
    try (Proxy proxy = Proxy.before(upstream)) {
      error(proxy.post(request), 502, "upstream_unreachable");
    }
  }

  @Test
  void aNameThatDoesNotResolveIs502() {
    try (Proxy proxy = Proxy.before("http://nobody.invalid:1", "", "")) {
      error(proxy.post(Examples.asking("dns")), 502, "upstream_unreachable");
    }
  }

  @Test
  void aConnectionThatIsNotAcceptedIs504() throws Exception {
    try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Proxy proxy =
            Proxy.before("http://127.0.0.1:" + deaf.getLocalPort(), "connectTimeout: 300ms", "")) {
      List<Socket> queue = fillQueueOf(deaf);

      error(proxy.post(Examples.asking("connect")), 504, "upstream_timeout");

      for (Socket waiting : queue) {
        waiting.close();
      }
    }
  }

  /** Nobody accepts, so once the queue is full the kernel lets further connects wait. */
  private static List<Socket> fillQueueOf(ServerSocket deaf) throws Exception {
    List<Socket> queue = new ArrayList<>();
    try {
      while (queue.size() < 64) {
        Socket socket = new Socket();
        queue.add(socket);
        socket.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), deaf.getLocalPort()), 200);
      }
      throw new AssertionError("the queue never filled");
    } catch (java.net.SocketTimeoutException full) {
      return queue;
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void anAnswerThatDoesNotBeginIs504(String request) {
    try (Proxy proxy = Proxy.before(upstream.url(), "firstByteTimeout: 200ms", "")) {
      error(proxy.post(request), 504, "upstream_timeout");
      endsTheCall();
    }
  }

  @ParameterizedTest
  @MethodSource("wholes")
  void anAnswerThatStopsHalfWayIs504(String request) {
    upstream.play(
        Script.silence()
            .head(200, List.of("Content-Type: application/json", "Content-Length: 500"))
            .raw("{\"id\":"));
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 200ms", "")) {
      error(proxy.post(request), 504, "upstream_timeout");
      endsTheCall();
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aStreamThatFallsSilentEndsWithAnError(String request) throws Exception {
    upstream.play(BEGUN);
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 200ms", "")) {
      failsInTheStream(proxy, request);
      endsTheCall();
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aStreamThatIsSilentAfterItsHeadIs504(String request) {
    upstream.play(Script.events());
    try (Proxy proxy = Proxy.before(upstream.url(), "firstByteTimeout: 200ms", "")) {
      error(proxy.post(request), 504, "upstream_timeout");
      endsTheCall();
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void aStreamThatGoesOnForTooLongEndsWithAnError(String request) throws Exception {
    upstream.play(BEGUN.chunks(Integer.MAX_VALUE, i -> ticking()));
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 15s, totalTimeout: 1s", "")) {
      failsInTheStream(proxy, request);
      endsTheCall();
    }
  }

  @ParameterizedTest
  @MethodSource("wholes")
  void anAnswerThatDribblesForTooLongIs504(String request) {
    upstream.play(
        Script.silence()
            .head(200, List.of("Content-Type: application/json", "Transfer-Encoding: chunked"))
            .chunks(Integer.MAX_VALUE, i -> ticking()));
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 15s, totalTimeout: 1s", "")) {
      error(proxy.post(request), 504, "upstream_timeout");
      endsTheCall();
    }
  }

  /** A comment every 20 ms. */
  private static String ticking() {
    long until = System.nanoTime() + Duration.ofMillis(20).toNanos();
    while (System.nanoTime() < until) {
      java.util.concurrent.locks.LockSupport.parkNanos(until - System.nanoTime());
    }
    return ": tick\n\n";
  }

  @Test
  void aSlowStreamThatKeepsTalkingIsNotIdle() throws Exception {
    upstream.play(
        BEGUN.chunks(60, i -> ticking()).data(chunk("b", "stop")).data(Examples.usage()).done());
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 1s", "")) {
      Events events = Events.of(proxy.post(Examples.streaming("slow")).body());

      assertThat(events.text(0)).isEqualTo("ab");
      assertThat(events.properlyEnded()).isTrue();
    }
  }

  @Test
  void aReaderThatTakesItsTimeIsNotTheUpstreamsSilence() throws Exception {
    String part = "x".repeat(1 << 16);
    upstream.play(
        BEGUN
            .chunks(400, i -> "data: " + chunk(part, null) + "\n\n")
            .data(chunk("", "stop"))
            .done());
    try (Proxy proxy = Proxy.before(upstream.url(), "idleTimeout: 1s", "");
        RawClient client = new RawClient(proxy.port(), 1 << 14)) {
      RawClient.Answer answer = client.post(Examples.samplingStream("reader")).answer();
      await()
          .pollDelay(Duration.ofMillis(1_300))
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(upstream.written()).isPositive());

      Events events = Events.of(answer.text());
      assertThat(events.properlyEnded()).isTrue();
      assertThat(events.text(0)).hasSize(1 + 400 * part.length());
    }
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aConnectionThatBreaksBeforeTheAnswerIs502(String request) {
    upstream.play(Script.silence().cut());
    try (Proxy proxy = Proxy.before(upstream)) {
      error(proxy.post(request), 502, "upstream_broken");
    }
  }

  /** Answers that are none, for a plain request. */
  static Stream<Script> broken() {
    return Stream.of(
        Script.silence().hangUp(),
        Script.silence().raw("SSH-2.0-OpenSSH_9.2\r\n\r\n").hangUp(),
        Script.silence().raw("HTTP/1.1 200 OK\r\nContent-Le").hangUp(),
        Script.silence().head(200, List.of("Content-Length: 10")).raw("{}").hangUp(),
        Script.silence().head(200, List.of("Content-Length: 10")).raw("{}").cut(),
        Script.silence().head(200, List.of("Transfer-Encoding: chunked")).chunk("{}").hangUp(),
        Script.silence().head(200, List.of("Transfer-Encoding: chunked")).raw("zz\r\n\r\n"),
        Script.silence().head(200, List.of("Content-Length: 2", "Content-Length: 3")).raw("{}"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void anAnswerThatIsNoneIs502AndNeverHalfOfOne(Script script) {
    upstream.play(script);
    try (Proxy proxy = Proxy.before(upstream)) {
      error(proxy.post(Examples.asking("none")), 502, "upstream_broken");
      upstream.play(Examples::answer);
      assertThat(proxy.post(Examples.asking("none")).statusCode()).as("afterwards").isEqualTo(200);
    }
  }

  @Test
  void anAnswerOverItsBoundIs502() {
    upstream.play(Script.json(" ".repeat(1 << 20) + Examples.ANSWER));
    try (Proxy proxy = Proxy.before(upstream.url(), "", "limits: {answer: 512KiB}")) {
      error(proxy.post(Examples.asking("big")), 502, "upstream_broken");
    }
  }

  @Test
  void aFullQueueIs503AndTheCallsInItAreServed() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    try (Proxy proxy = Proxy.before(upstream.url(), "connections: 2, waiting: 2", "")) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        clients.add(proxy.connect().post(Examples.sampling("q" + i)));
      }
      await().until(() -> proxy.manage("/metrics").body().contains("status=\"5xx\""));
      gate.open();
      List<Integer> statuses = new ArrayList<>();
      for (RawClient client : clients) {
        RawClient.Answer answer = client.answer();
        statuses.add(answer.status());
        if (answer.status() == 503) {
          assertThat(Json.read(answer.text()).at("/error/code").asText()).isEqualTo("overloaded");
        }
        client.close();
      }
      assertThat(statuses).contains(200, 503).containsOnly(200, 503);
    }
  }

  private void failsInTheStream(Proxy proxy, String request) throws Exception {
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(request).answer();
      Events events = Events.of(answer.whatCame());

      assertThat(answer.status()).isEqualTo(200);
      assertThat(events.text(0)).isEqualTo("a");
      assertThat(events.terminators()).isZero();
      assertThat(events.errors()).singleElement();
      assertThat(events.errors().get(0).path("code").asText()).isEqualTo("upstream_timeout");
    }
  }

  private void endsTheCall() {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(upstream.openConnections()).isZero());
  }

  private static void error(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse("")).contains("json");
    JsonNode error = Json.read(answer.body()).path("error");
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("type").asText()).isEqualTo("upstream_error");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.has("param")).isTrue();
  }
}
