package dev.refrain.scenario;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Gate;
import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests on a connection that the upstream closes under them (RFC 9110 §9.2.2). */
class RepeatedRequestTest {
  private static final Script CLOSED = Script.silence().hangUp();
  private static final Script RESET = Script.silence().cut();

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1");

  static Stream<Arguments> idempotent() {
    return Stream.of("GET", "HEAD", "OPTIONS", "PUT", "DELETE")
        .flatMap(
            method ->
                Stream.of(Version.HTTP_1_1, Version.HTTP_2)
                    .flatMap(
                        version ->
                            Stream.of(CLOSED, RESET)
                                .map(end -> Arguments.of(method, version, end))));
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @MethodSource("idempotent")
  void anIdempotentRequestIsSentAgainOnAFreshConnection(String method, Version version, Script end)
      throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    idle(3);
    int before = upstream.calls();
    upstream.play(request -> upstream.calls() == before ? end : answer(request));
    HttpResponse<String> answer = send(client, method);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(upstream.calls()).isEqualTo(before + 2);
    assertThat(upstream.last().head().method()).isEqualTo(method);
  }

  static Stream<Arguments> withBodies() {
    return Stream.of("PUT", "DELETE")
        .flatMap(
            method ->
                Stream.of(Version.HTTP_1_1, Version.HTTP_2)
                    .flatMap(
                        version ->
                            Stream.of(true, false)
                                .map(known -> Arguments.of(method, version, known))));
  }

  @ParameterizedTest(name = "{0} {1}, length known: {2}")
  @MethodSource("withBodies")
  void soIsItsSmallBody(String method, Version version, boolean known) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(version).build();
    String body = "a small body of it, ".repeat(500);
    idle(3);
    for (Script end : List.of(CLOSED, RESET)) {
      int before = upstream.calls();
      upstream.play(request -> upstream.calls() == before ? end : answer(request));
      HttpResponse<String> answer = client.send(bodied(method, body, known), ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(upstream.calls()).isEqualTo(before + 2);
      assertThat(upstream.last().text()).isEqualTo(body);
      assertThat(upstream.last().head().first("Content-Length").isPresent()).isEqualTo(known);
    }
    assertThat(used()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PATCH"})
  void theBodyOfAnotherRequestIsNot(String method) throws Exception {
    idle(1);
    int before = upstream.calls();
    upstream.play(CLOSED);
    HttpRequest request = bodied(method, "body", true);
    assertThat(HttpClient.newHttpClient().send(request, ofString()).statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(before + 1);
    assertThat(used()).isZero();
  }

  @Test
  void aLargeBodyIsNot() throws Exception {
    idle(1);
    int before = upstream.calls();
    upstream.play(CLOSED);
    HttpRequest request = bodied("PUT", "x".repeat(40_000), true);
    assertThat(HttpClient.newHttpClient().send(request, ofString()).statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(before + 1);
    assertThat(used()).isZero();
  }

  @Test
  void whatWasReadOfABodyIsSentAgainAndTheRestFollows() throws Exception {
    try (RawServer server = new RawServer();
        Proxy own = Proxy.before(server.url(), "", "", "eventLoops: 1");
        RawClient client = own.connect()) {
      client.send("GET /v1/other HTTP/1.1\r\nHost: p\r\n\r\n");
      RawServer.Peer first = server.accept();
      first.request();
      first.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer().text()).isEmpty();

      client.send("PUT /v1/other HTTP/1.1\r\nHost: p\r\nContent-Length: 10\r\n\r\nfirst");
      InputStream begun = first.body(first.head());
      assertThat(begun.readNBytes(5)).asString().isEqualTo("first");
      first.close();
      RawServer.Peer second = server.accept();
      InputStream again = second.body(second.head());
      assertThat(again.readNBytes(5)).asString().isEqualTo("first");
      client.send("later");
      assertThat(again.readAllBytes()).asString().isEqualTo("later");
      second.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(201);
    }
  }

  private double used() {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("refrain_memory_used_bytes{use=\"request_bodies\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private HttpRequest bodied(String method, String body, boolean known) {
    byte[] bytes = body.getBytes(UTF_8);
    return HttpRequest.newBuilder(URI.create(proxy.url() + "/v1/other/mark-x"))
        .timeout(Duration.ofSeconds(10))
        .method(
            method,
            known
                ? BodyPublishers.ofByteArray(bytes)
                : BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)))
        .build();
  }

  @Test
  void anotherRequestIsNot() throws Exception {
    idle(1);
    int before = upstream.calls();
    upstream.play(CLOSED);
    assertThat(send(HttpClient.newHttpClient(), "POST").statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(before + 1);
  }

  @Test
  void aRequestThatFailsOnAFreshConnectionIsNot() throws Exception {
    upstream.play(CLOSED);
    assertThat(send(HttpClient.newHttpClient(), "GET").statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aRequestIsSentAgainOnce() throws Exception {
    idle(1);
    int before = upstream.calls();
    upstream.play(CLOSED);
    assertThat(send(HttpClient.newHttpClient(), "GET").statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(before + 2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
      })
  void aRequestOfWhoseAnswerSomethingCameIsNot(String half) throws Exception {
    idle(1);
    int before = upstream.calls();
    upstream.play(Script.silence().raw(half).hangUp());
    HttpClient client = HttpClient.newHttpClient();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(request("GET"), BodyHandlers.ofString());
    assertThat(answer.handle((came, cause) -> cause != null || came.statusCode() == 502).join())
        .isTrue();
    assertThat(upstream.calls()).isEqualTo(before + 1);
  }

  @Test
  void theListOfModelsIsAskedForAgain() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    upstream.play(RepeatedRequestTest::answer);
    client.send(MarkedCall.MODELS.request(proxy.url(), "mark-a"), BodyHandlers.ofString());
    int before = upstream.calls();
    upstream.play(request -> upstream.calls() == before ? CLOSED : answer(request));
    HttpResponse<String> models =
        client.send(MarkedCall.MODELS.request(proxy.url(), "mark-b"), BodyHandlers.ofString());
    assertThat(models.statusCode()).isEqualTo(200);
    assertThat(models.body()).contains("mark-b");
  }

  /** Leaves this many idle connections in the pool that have carried a request. */
  private void idle(int connections) throws Exception {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(answer(request)));
    HttpClient client = HttpClient.newHttpClient();
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, connections)
            .mapToObj(i -> client.sendAsync(request("GET"), BodyHandlers.ofString()))
            .toList();
    upstream.awaitCalls(connections);
    gate.open();
    answers.forEach(CompletableFuture::join);
  }

  private HttpResponse<String> send(HttpClient client, String method) throws Exception {
    return client.send(request(method), BodyHandlers.ofString());
  }

  private HttpRequest request(String method) {
    return HttpRequest.newBuilder(URI.create(proxy.url() + "/v1/other/mark-x"))
        .timeout(Duration.ofSeconds(10))
        .method(method, BodyPublishers.noBody())
        .build();
  }

  private static Script answer(Received request) {
    boolean bodiless = request.head().method().equals("HEAD");
    return Script.silence()
        .raw(
            bodiless ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : MarkedCall.answer(request));
  }
}
