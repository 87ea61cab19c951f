package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A client that takes nothing of its response for {@code server.sendTimeout} is cut off. */
class SendTimeoutTest {
  private static final int MIB = 1 << 20;
  private static final String CUT_OFF = "refrain_slow_readers_closed_total{reason=\"timeout\"} ";
  private static final String[] FORWARDED = {
    ":method", "GET", ":scheme", "http", ":authority", "proxy", ":path", "/v1/files/1/content"
  };

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(SendTimeoutTest::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "sendTimeout: 300ms");

  /** A response, by what it is asked with; all are larger than what sockets hold. */
  enum Response {
    CACHED(Examples.REQUEST),
    STREAMED(Examples.samplingStream("t")),
    FORWARDED(null);

    private final String body;

    Response(String body) {
      this.body = body;
    }
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script answer(Received request) {
    if (request.body().length == 0) {
      return Script.answer(200, "x".repeat(8 * MIB));
    }
    if (request.wantsStream()) {
      return Script.events()
          .chunks(1024, i -> "data: " + Examples.chunk("y".repeat(8000), null) + "\n\n")
          .data(Examples.chunk("", "stop"))
          .done();
    }
    String text = Examples.text(Examples.ANSWER).strip();
    return Script.json(Examples.ANSWER.replace(text, "z".repeat(3 * MIB)));
  }

  private void store() {
    assertThat(proxy.post(Examples.REQUEST).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aConnectionThatTakesNothingIsClosed(Response response) throws Exception {
    store();
    try (RawClient client = new RawClient(proxy.port(), 8 * 1024)) {
      if (response.body == null) {
        client.send("GET /v1/files/1/content HTTP/1.1\r\nHost: proxy\r\n\r\n");
      } else {
        client.post(response.body);
      }
      await().until(() -> metric(CUT_OFF) == 1);
      await().until(() -> metric("refrain_memory_used_bytes{") == 0);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aStreamOfHttp2ThatTakesNothingIsReset(Response response) throws Exception {
    store();
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      if (response.body == null) {
        client.request(1, null, FORWARDED);
      } else {
        client.post(1, response.body);
      }
      assertThat(client.answer(1).reset()).isPositive();
      await().until(() -> metric("refrain_memory_used_bytes{") == 0);
      assertThat(client.isAlive()).as("the connection").isTrue();
    }
  }

  @Test
  void aClientThatReadsSlowlyGetsAllOfIt() throws Exception {
    store();
    try (RawClient client = new RawClient(proxy.port(), 8 * 1024)) {
      RawClient.Answer answer = client.post(Examples.REQUEST).answer();
      assertThat(answer.text()).contains("zzz");
      assertThat(metric(CUT_OFF)).isZero();
    }
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrderAsTheirResponsesAreTaken() throws Exception {
    store();
    try (RawClient client = new RawClient(proxy.port(), 8 * 1024)) {
      for (int i = 0; i < 3; i++) {
        client.post(Examples.REQUEST);
      }
      for (int i = 0; i < 3; i++) {
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text().length()).isGreaterThan(3 * MIB);
      }
    }
  }

  private double metric(String beginning) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
