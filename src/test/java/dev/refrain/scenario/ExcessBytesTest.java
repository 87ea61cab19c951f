package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Gate;
import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an upstream sends beyond an answer reaches nobody, and costs nobody an answer. */
class ExcessBytesTest {
  private static final String STRANGER =
      "HTTP/1.1 200 OK\r\nSet-Cookie: stranger=1\r\nContent-Type: application/json\r\n";
  private static final List<String> EXCESS =
      List.of(
          "x",
          "\r\n",
          STRANGER + "X-Open: ",
          STRANGER + "Content-Length: 11\r\n\r\n\"stranger\"\n",
          "HTTP/1.1 102 Processing\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nstranger");

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "connections: 1", "", "eventLoops: 1");

  static Stream<Arguments> calls() {
    return Stream.of(MarkedCall.values()).flatMap(ExcessBytesTest::overBoth);
  }

  static Stream<Arguments> singleCalls() {
    return Stream.of(MarkedCall.values())
        .filter(call -> !isSeveral(call))
        .flatMap(ExcessBytesTest::overBoth);
  }

  private static Stream<Arguments> overBoth(MarkedCall call) {
    return Stream.of(Version.HTTP_1_1, Version.HTTP_2).map(version -> Arguments.of(call, version));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void excessBehindAnAnswerDoesNotReachTheCallerWhoWaits(MarkedCall call, Version version)
      throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    for (int i = 0; i < EXCESS.size(); i++) {
      String excess = EXCESS.get(i);
      Gate gate = new Gate();
      upstream.play(
          request -> Script.silence().pause(gate).raw(MarkedCall.answer(request) + excess));
      int calls = upstream.calls();
      String first = "mark-first" + i;
      String next = "mark-next" + i;
      CompletableFuture<HttpResponse<String>> answer = send(client, call, first);
      upstream.awaitCalls(calls + 1);
      CompletableFuture<HttpResponse<String>> waiting = send(client, call, next);
      gate.open();
      belongs(answer.join(), first);
      belongs(waiting.join(), next);
    }
    assertThat(upstream.received().stream().map(MarkedCall::marker).distinct().count())
        .as("nobody was asked for twice")
        .isEqualTo(upstream.calls() / (isSeveral(call) ? 2 : 1));
  }

  @ParameterizedTest
  @MethodSource("singleCalls")
  void excessAfterAnAnswerDoesNotReachTheNextCaller(MarkedCall call, Version version)
      throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    for (int i = 0; i < EXCESS.size(); i++) {
      String excess = EXCESS.get(i);
      Gate gate = new Gate();
      upstream.play(
          request -> Script.silence().raw(MarkedCall.answer(request)).pause(gate).raw(excess));
      belongs(send(client, call, "mark-first" + i).join(), "mark-first" + i);
      gate.open();
      await().until(() -> upstream.openConnections() == 0);
      upstream.play(request -> Script.silence().raw(MarkedCall.answer(request)));
      belongs(send(client, call, "mark-next" + i).join(), "mark-next" + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"HEAD, 200", "GET, 204", "GET, 304", "DELETE, 204"})
  void aBodyWhereThereIsNoneReachesNotTheNextCaller(String method, int status) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    String head = "HTTP/1.1 " + status + " OK\r\nContent-Length: 60\r\n\r\n";
    upstream.play(request -> Script.silence().raw(head + STRANGER));
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(proxy.url() + "/v1/other"))
                .timeout(Duration.ofSeconds(10))
                .method(method, BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.body()).isEmpty();
    upstream.play(request -> Script.silence().raw(MarkedCall.answer(request)));
    belongs(send(client, MarkedCall.PASSED, "mark-next").join(), "mark-next");
  }

  @ParameterizedTest
  @MethodSource("calls")
  void whatSwitchesProtocolsUnaskedIsNoAnswer(MarkedCall call, Version version) {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    upstream.play(
        request ->
            Script.silence()
                .raw(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
                .raw(MarkedCall.answer(request)));
    HttpResponse<String> broken = send(client, call, "mark-broken").join();
    assertThat(broken.statusCode()).isEqualTo(502);
    assertThat(broken.body()).contains("the upstream switched protocols unasked");
    upstream.play(request -> Script.silence().raw(MarkedCall.answer(request)));
    belongs(send(client, call, "mark-next").join(), "mark-next");
    assertThat(upstream.received().stream().map(MarkedCall::marker).filter("mark-broken"::equals))
        .as("asked once")
        .hasSizeLessThanOrEqualTo(isSeveral(call) ? 2 : 1);
  }

  @Test
  void afterAnExcessEveryCallHasAConnectionOfItsOwn() {
    HttpClient client = HttpClient.newHttpClient();
    upstream.play(request -> Script.silence().raw(MarkedCall.answer(request) + STRANGER));
    belongs(send(client, MarkedCall.PLAIN, "mark-first").join(), "mark-first");
    upstream.play(request -> Script.silence().raw(MarkedCall.answer(request)));
    for (int i = 0; i < 3; i++) {
      belongs(send(client, MarkedCall.PLAIN, "mark-next" + i).join(), "mark-next" + i);
    }
    assertThat(upstream.connections()).isEqualTo(4);
  }

  @Test
  void anAnswerBeforeItsRequestIsSentLeavesNoConnectionToTheCallerWhoWaits() throws Exception {
    try (RawServer server = new RawServer();
        Proxy before = Proxy.before(server.url(), "connections: 1", "", "eventLoops: 1");
        RawClient first = before.connect();
        RawClient next = before.connect()) {
      first.send("POST /v1/other HTTP/1.1\r\nHost: proxy\r\nContent-Length: 100\r\n\r\nhalf");
      try (RawServer.Peer peer = server.accept()) {
        peer.head();
        next.send("GET /v1/other HTTP/1.1\r\nHost: proxy\r\n\r\n");
        peer.answer("early");
        assertThat(first.answer().text()).isEqualTo("early");
        try (RawServer.Peer fresh = server.accept()) {
          assertThat(fresh.head().method()).isEqualTo("GET");
          fresh.answer("next");
          assertThat(next.answer().text()).isEqualTo("next");
        }
        assertThat(peer.closedByPeer()).isTrue();
      }
    }
  }

  private static boolean isSeveral(MarkedCall call) {
    return call == MarkedCall.SEVERAL || call == MarkedCall.SEVERAL_STREAMED;
  }

  private CompletableFuture<HttpResponse<String>> send(
      HttpClient client, MarkedCall call, String marker) {
    return client.sendAsync(call.request(proxy.url(), marker), BodyHandlers.ofString());
  }

  private static void belongs(HttpResponse<String> answer, String marker) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains(marker);
    assertThat(answer.body() + answer.headers()).doesNotContain("stranger");
  }
}
