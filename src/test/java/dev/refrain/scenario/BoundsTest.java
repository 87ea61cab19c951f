package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody takes more of the door than its share: of bytes, of time, of connections. */
class BoundsTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Proxy proxy;
  private HttpClientAgent client; // a field: it is closed when nobody holds it

  private void open(String ofServer) {
    // with h2c the time before the first request is another (docs/internals/decisions/0020)
    String h2c = ofServer.contains("h2c") ? "" : "h2c: false, ";
    proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1, " + h2c + ofServer);
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void aRequestLineOverTheBoundIs414() throws Exception {
    open("requestLine: 100");
    refusedAndClosed("GET /" + "x".repeat(200) + " HTTP/1.1\r\nHost: p\r\n\r\n", 414);
  }

  @Test
  void headerFieldsOverTheBoundAre431() throws Exception {
    open("headerSize: 1KiB");
    String fields = "X-Long: " + "x".repeat(2000) + "\r\n";
    refusedAndClosed("GET /v1/completions HTTP/1.1\r\nHost: p\r\n" + fields + "\r\n", 431);
  }

  @Test
  void tooManyHeaderFieldsAre431AndTheConnectionGoesOn() throws Exception {
    open("headerCount: 10");
    try (RawClient client = proxy.connect()) {
      String[] fields =
          IntStream.range(0, 20).mapToObj(i -> "X" + i + ": y").toArray(String[]::new);
      client.send("GET /v1/completions HTTP/1.1\r\n" + String.join("\r\n", fields) + "\r\n\r\n");
      error(client.answer(), 431);
      client.post(Examples.asking("after"));
      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {414, 431})
  void theBoundsHoldForHttp2Too(int status) throws Exception {
    open("h2c: true, requestLine: 100, headerCount: 10");
    Vertx vertx = Vertx.vertx();
    RequestOptions request =
        new RequestOptions().setMethod(HttpMethod.GET).setHost("127.0.0.1").setPort(proxy.port());
    if (status == 414) {
      request.setURI("/" + "x".repeat(200));
    } else {
      request.setURI("/");
      IntStream.range(0, 20).forEach(i -> request.putHeader("x" + i, "y"));
    }
    client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    try {
      assertThat(
              client
                  .request(request)
                  .compose(sent -> sent.send())
                  .map(response -> response.statusCode())
                  .await(20, TimeUnit.SECONDS))
          .isEqualTo(status);
    } finally {
      vertx.close().await();
    }
  }

  @Test
  void halfAHeadIs408() throws Exception {
    open("headerTimeout: 200ms");
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/completions HTTP/1.1\r\nHost: p\r\nX-Slow");
      error(client.answer(), 408);
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_connections_rejected_total{reason=\"slow\"} 1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PRI * HT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
  void whoSaysNothingOfARequestIsNotWaitedFor(String said) throws Exception {
    open("headerTimeout: 200ms");
    try (RawClient client = proxy.connect()) {
      client.send(said);
      // of HTTP/2 the settings come first, which are no head
      assertThat(endsInTime(client)).isTrue();
    }
  }

  private static boolean endsInTime(RawClient client) throws Exception {
    try {
      return client.closedByPeer() || endsInTime(client);
    } catch (IndexOutOfBoundsException noHead) {
      return endsInTime(client);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bodyIdleTimeout: 200ms", "bodyTimeout: 200ms, headerTimeout: 1h"})
  void aBodyThatDoesNotComeIs408(String bound) throws Exception {
    open(bound);
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST /v1/completions HTTP/1.1\r\nHost: p\r\nContent-Type: application/json\r\n"
              + "Content-Length: 100\r\n\r\n{\"model\"");
      error(client.answer(), 408);
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(upstream.calls()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /v1/completions HTTP/1.1\r\nHost: p\r\nContent-Type: application/json\r\n"
            + "Content-Length: 1000000\r\n\r\n",
        "GET /v1/completions HTTP/1.1\r\nX-Slow: "
      })
  void whatComesByteByByteIsNotWaitedForWithoutEnd(String begin) throws Exception {
    open("bodyTimeout: 300ms, headerTimeout: 300ms");
    try (RawClient client = proxy.connect()) {
      client.send(begin);
      await()
          .atMost(20, TimeUnit.SECONDS)
          .until(
              () -> {
                try {
                  client.send(" ");
                  return false;
                } catch (java.io.IOException closed) {
                  return true;
                }
              });
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerThatThinksOutlivesEveryTimeOutOfTheDoor(boolean stream) throws Exception {
    open(
        "headerTimeout: 200ms, bodyIdleTimeout: 200ms, bodyTimeout: 200ms, keepAliveTimeout:"
            + " 200ms");
    Gate thinking = new Gate();
    upstream.play(request -> Script.silence().pause(thinking).then(Examples.answer(request)));
    try (RawClient patient = proxy.connect()) {
      patient.post(stream ? Examples.streaming("think") : Examples.asking("think"));
      thinking.awaitReached();
      // two others whose time is over say that this one's would be
      for (int i = 0; i < 2; i++) {
        try (RawClient other = proxy.connect()) {
          other.send("GET /v1/completions HTTP/1.1\r\nHost: p\r\n\r\n");
          RawClient.Answer answer = other.answer();
          answer.text();
          assertThat(answer.status()).isEqualTo(405);
          assertThat(other.closedByPeer()).isTrue();
        }
      }
      thinking.open();
      RawClient.Answer answer = patient.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.text()).contains("is indeed");
    }
  }

  @Test
  void withoutTlsThereIsNoHttp2UnlessTheOperatorWantsIt() throws Exception {
    open("headerCount: 100");
    try (RawClient client = proxy.connect()) {
      client.post(
          Examples.asking("upgrade"),
          "Connection: Upgrade, HTTP2-Settings",
          "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA");
      RawClient.Answer answer = client.answer();
      assertThat(answer.head().start()).startsWith("HTTP/1.1 200");
      assertThat(answer.text()).isEqualTo(Examples.ANSWER);
    }
  }

  @Test
  void aConnectionWithoutPlaceIsToldSoAndOneThatLeavesMakesRoom() throws Exception {
    open("connections: 2");
    try (RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient three = proxy.connect();
        RawClient four = proxy.connect()) {
      for (RawClient welcome : new RawClient[] {one, two}) {
        welcome.post(Examples.asking("welcome"));
        assertThat(welcome.answer().text()).isEqualTo(Examples.ANSWER);
      }
      three.send("GET /x");
      await().until(() -> connections() == 3);
      four.send("GET /x");
      assertThat(four.closedByPeer()).as("not even room to be told").isTrue();
      three.send(" HTTP/1.1\r\nHost: p\r\n\r\n");
      error(three.answer(), 503);
      assertThat(three.closedByPeer()).isTrue();
    }
    await().until(() -> connections() == 0);
    assertThat(proxy.post(Examples.asking("room")).statusCode()).isEqualTo(200);
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_connections_rejected_total{reason=\"full\"} 1.0");
  }

  private double connections() {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("refrain_connections "))
        .mapToDouble(line -> Double.parseDouble(line.split(" ")[1]))
        .sum();
  }

  @Test
  void aChunkThatIsNoneIs400AndTheEndOfTheConnection() throws Exception {
    open("headerCount: 100");
    refusedAndClosed(
        "POST /v1/completions HTTP/1.1\r\nHost: p\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        400);
  }

  @Test
  void whatIsNoRequestIs400InTheShapeOfTheApi() throws Exception {
    open("headerCount: 100");
    refusedAndClosed("nonsense\r\n\r\n", 400);
  }

  private void refusedAndClosed(String request, int status) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(request);
      error(client.answer(), status);
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(upstream.calls()).isZero();
  }

  private static void error(RawClient.Answer answer, int status) throws Exception {
    String text = answer.text();
    assertThat(answer.status()).as(text).isEqualTo(status);
    JsonNode error = Json.read(text).path("error");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("code").asText()).isNotBlank();
  }
}
