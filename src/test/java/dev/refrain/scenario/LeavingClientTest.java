package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever leaves takes the upstream call along, in whatever phase it is. */
class LeavingClientTest {
  private static final Script SILENCE = Script.silence();
  private static final Script HALF =
      Script.silence()
          .head(200, List.of("Content-Type: application/json", "Content-Length: 500"))
          .raw("{\"id\":");
  private static final Script HEAD = Script.events();
  private static final Script BEGUN = HEAD.data(chunk("a", null));

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(SILENCE);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  static Stream<Arguments> phases() {
    return Stream.of(
        Arguments.of("waiting for an answer", Examples.asking("l"), SILENCE),
        Arguments.of("waiting, not shared", Examples.sampling("l"), SILENCE),
        Arguments.of("half an answer", Examples.asking("l"), HALF),
        Arguments.of("half an answer, not shared", Examples.sampling("l"), HALF),
        Arguments.of("waiting for a stream", Examples.streaming("l"), SILENCE),
        Arguments.of("waiting for a stream, not shared", Examples.samplingStream("l"), SILENCE),
        Arguments.of("waiting for the first event", Examples.streaming("l"), HEAD),
        Arguments.of("waiting for it, not shared", Examples.samplingStream("l"), HEAD),
        Arguments.of("in the stream", Examples.streaming("l"), BEGUN),
        Arguments.of("in the stream, not shared", Examples.samplingStream("l"), BEGUN));
  }

  /** Else the pool would have one more that waits for each that leaves, until it takes no more. */
  @Test
  void whoLeavesWhileAConnectionIsMadeKeepsItsPlaceUntilThatIsOver() throws Exception {
    try (RawServer mute = new RawServer();
        Proxy before =
            Proxy.before(
                mute.url().replace("http:", "https:"),
                "connections: 1, waiting: 1, connectTimeout: 5s",
                "retry: {maxRetries: 0}")) {
      RawClient first = before.connect().post(Examples.sampling("l"));
      try (RawServer.Peer handshake = mute.accept()) {
        first.close();
        RawClient second = before.connect().post(Examples.sampling("l"));
        awaitGauge(before, "refrain_upstream_waiting", 1);
        second.close();
        awaitGauge(before, "refrain_upstream_waiting", 0);
        awaitGauge(before, "refrain_upstream_active", 0);
        assertThat(handshake.closedByPeer()).as("when its time is over").isTrue();
      }
    }
  }

  private static void awaitGauge(Proxy proxy, String name, int value) {
    await()
        .atMost(Duration.ofSeconds(15))
        .until(
            () ->
                proxy
                    .manage("/metrics")
                    .body()
                    .contains("\n" + name + "{upstream=\"default\"} " + value + ".0"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("phases")
  void whoClosesEndsTheCall(String phase, String request, Script script) throws Exception {
    RawClient client = inPhase(request, script);

    client.close();

    theCallEndsWithinASecond();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("phases")
  void whoIsKilledEndsTheCall(String phase, String request, Script script) throws Exception {
    RawClient client = inPhase(request, script);

    client.abort();

    theCallEndsWithinASecond();
  }

  private RawClient inPhase(String request, Script script) throws Exception {
    Gate reached = new Gate();
    upstream.play(script.pause(reached));
    RawClient client = proxy.connect().post(request);
    reached.awaitReached();
    if (script == BEGUN) {
      client.answer().until("\n\n");
    }
    assertThat(upstream.openConnections()).isEqualTo(1);
    return client;
  }

  private void theCallEndsWithinASecond() {
    await()
        .pollInterval(Duration.ofMillis(10))
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(upstream.openConnections()).isZero());
  }

  @Test
  void whatWasLeftIsNotKeptAndDoesNotDisturbTheNext() throws Exception {
    inPhase(Examples.streaming("left"), BEGUN).close();
    theCallEndsWithinASecond();
    upstream.play(Examples::answer);

    Events events = Events.of(proxy.post(Examples.streaming("left")).body());

    assertThat(events.text(0)).isEqualTo(Examples.TEXT);
    assertThat(events.properlyEnded()).isTrue();
  }

  @Test
  void whoLeavesOneOfManyEndsOnlyTheirOwnCall() throws Exception {
    Gate gate = new Gate();
    upstream.play(BEGUN.pause(gate).data(chunk("b", "stop")).done());
    RawClient stays = proxy.connect().post(Examples.samplingStream("stays"));
    RawClient.Answer answer = stays.answer();
    RawClient leaves = proxy.connect().post(Examples.samplingStream("leaves"));
    leaves.answer().until("\n\n");

    leaves.close();
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.openConnections() == 1);
    gate.open();

    assertThat(Events.of(answer.text()).text(0)).isEqualTo("ab");
    stays.close();
  }

  @Test
  void aCancelledStreamOfHttp2EndsTheCall() throws Exception {
    Gate reached = new Gate();
    upstream.play(Examples::answer);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    HttpRequest.Builder request = proxy.request("/v1/completions");
    HttpRequest upgrade =
        request.POST(HttpRequest.BodyPublishers.ofString(Examples.asking("upgrade"))).build();
    client.send(upgrade, HttpResponse.BodyHandlers.discarding());
    upstream.play(BEGUN.pause(reached));
    int calls = upstream.calls();

    CompletableFuture<HttpResponse<String>> pending =
        client.sendAsync(
            request
                .POST(HttpRequest.BodyPublishers.ofString(Examples.samplingStream("h2")))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    upstream.awaitCalls(calls + 1);
    reached.awaitReached();
    pending.cancel(true);

    theCallEndsWithinASecond();
  }
}
