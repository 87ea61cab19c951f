package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Gate;
import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes before the answer is not the answer, whoever asks, and for whatever. */
class InterimResponsesTest {
  private static final List<String> INTERIM =
      List.of(
          "HTTP/1.1 102 Processing\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
          "HTTP/1.1 104 Upload Resumption Supported\r\nLocation: /x\r\nContent-Length: 5\r\n\r\n",
          "HTTP/1.1 110 \r\nConnection: close\r\n\r\n",
          "HTTP/1.1 199 Other\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 102 Processing\r\nContent-Type: text/event-stream\r\n\r\n".repeat(50)
              + "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n".repeat(25));

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "connections: 1", "", "eventLoops: 1");

  static Stream<Arguments> calls() {
    return Stream.of(MarkedCall.values())
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
  void areNotTheAnswer(MarkedCall call, Version version) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    for (int i = 0; i < INTERIM.size(); i++) {
      String before = INTERIM.get(i);
      upstream.play(request -> Script.silence().raw(before).raw(MarkedCall.answer(request)));
      belongs(send(client, call, "mark-once" + i).join(), "mark-once" + i);
      upstream.play(
          request -> Script.silence().bytewise().raw(before + MarkedCall.answer(request)));
      belongs(send(client, call, "mark-bytes" + i).join(), "mark-bytes" + i);
    }
    assertThat(upstream.openConnections()).as("the connection serves on").isPositive();
  }

  @ParameterizedTest
  @MethodSource("calls")
  void giveNoConnectionToTheNextCallerWhoWaits(MarkedCall call, Version version) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    Gate gate = new Gate();
    upstream.play(
        request ->
            Script.silence()
                .raw("HTTP/1.1 102 Processing\r\n\r\n")
                .pause(gate)
                .raw(MarkedCall.answer(request)));
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      answers.add(send(client, call, "mark-next" + i));
    }
    upstream.awaitCalls(1);
    gate.open();
    for (int i = 0; i < 3; i++) {
      belongs(answers.get(i).join(), "mark-next" + i);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "STREAM"})
  void andWhatFollowsAnAnswerReachNoCallerOfAnotherReplica(MarkedCall call) throws Exception {
    upstream.play(
        request ->
            Script.silence()
                .raw("HTTP/1.1 102 Processing\r\n\r\n")
                .raw(MarkedCall.answer(request) + MarkedCall.answer(request)));
    HttpClient client = HttpClient.newHttpClient();
    try (RedisFixture redis = new RedisFixture();
        Proxy one = replica(redis);
        Proxy other = replica(redis)) {
      for (int round = 0; round < 10; round++) {
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          Proxy asked = (i + round) % 2 == 0 ? one : other;
          String marker = "mark-fleet" + i % 4;
          answers.add(client.sendAsync(call.request(asked.url(), marker), BodyHandlers.ofString()));
        }
        for (int i = 0; i < 8; i++) {
          belongs(answers.get(i).join(), "mark-fleet" + i % 4);
        }
      }
    }
  }

  private Proxy replica(RedisFixture redis) {
    return Proxy.before(
        upstream.url(),
        "connections: 1",
        "cache: {redis: {url: '%s', timeout: 3s, connectTimeout: 3s}}".formatted(redis.url()));
  }

  @Test
  void areNotWaitedForWithoutEnd() {
    HttpClient client = HttpClient.newHttpClient();
    upstream.play(
        request ->
            MarkedCall.marker(request).equals("mark-endless")
                ? Script.silence().raw("HTTP/1.1 102 Processing\r\n\r\n".repeat(101))
                : Script.silence().raw(MarkedCall.answer(request)));
    CompletableFuture<HttpResponse<String>> endless =
        send(client, MarkedCall.PLAIN, "mark-endless");
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> next = send(client, MarkedCall.PLAIN, "mark-next");
    assertThat(endless.join().statusCode()).isEqualTo(502);
    assertThat(endless.join().body()).contains("sent more than 100 interim responses");
    belongs(next.join(), "mark-next");
    assertThat(upstream.calls()).as("asked once").isEqualTo(2);
  }

  private CompletableFuture<HttpResponse<String>> send(
      HttpClient client, MarkedCall call, String marker) {
    return client.sendAsync(call.request(proxy.url(), marker), BodyHandlers.ofString());
  }

  private static void belongs(HttpResponse<String> answer, String marker) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains(marker);
  }
}
