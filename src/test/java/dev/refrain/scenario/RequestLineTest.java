package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A target or a method that cannot stand in a request line (RFC 9112 §3) is refused at the door and
 * nothing of it goes upstream, over HTTP/1.1 and HTTP/2 alike.
 */
class RequestLineTest {
  private static ScriptedUpstream upstream;
  private static Proxy proxy;

  @BeforeAll
  static void start() {
    upstream = ScriptedUpstream.playing(Examples::answer);
    proxy = Proxy.before(upstream);
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  /** Characters that are no part of a URI, in the path and in the query. */
  static Stream<String> targets() {
    return IntStream.concat(
            IntStream.rangeClosed(0, ' '), IntStream.of(0x7F, 0x80, 0xA0, 0xE9, 0xFF))
        .mapToObj(c -> String.valueOf((char) c))
        .flatMap(
            c ->
                Stream.of(
                    "/v1/completions?a" + c + "b",
                    "/v1/completions" + c,
                    "/v1/x" + c + "y",
                    "/v1/models/" + c));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void aTargetWithACharacterOfNoUriIsRefusedOverHttp2(String target) throws Exception {
    isRefusedOverHttp2("POST", target);
  }

  /** Without those that end in white space, which a server may read past (RFC 9112 §3). */
  static Stream<String> targetsInALine() {
    return targets().filter(target -> !target.matches("(?s).*[\\t\\x0B\\f\\r ]"));
  }

  @ParameterizedTest
  @MethodSource("targetsInALine")
  void aTargetWithACharacterOfNoUriIsRefusedOverHttp1(String target) throws Exception {
    isRefusedOverHttp1("POST " + target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "v1/completions",
        "proxy:80",
        "/v1/completions#x",
        "http://proxy/v1/completions",
        "ftp://proxy/v1/completions",
        "://v1/completions",
        "?x=/v1/completions"
      })
  void aTargetThatIsNoPathIsRefusedOverHttp2(String target) throws Exception {
    isRefusedOverHttp2("POST", target);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST *",
        "GET *",
        "POST v1/completions",
        "GET proxy:80",
        "POST /v1/completions#x",
        "POST ftp://proxy/v1/completions",
        "POST ://v1/completions",
        "POST x://v1/completions",
        "POST http:///v1/completions",
        "POST http://user@proxy/v1/completions",
        "POST http://proxy?x=/v1/completions",
        "POST ?x=/v1/completions"
      })
  void aTargetInAFormOfItsOwnIsRefusedOverHttp1(String line) throws Exception {
    isRefusedOverHttp1(line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GE T", "P(ST", "POST\r", "PO\u00e9ST", "a:b", "\"GET\""})
  void aMethodThatIsNoTokenIsRefusedOverHttp2(String method) throws Exception {
    isRefusedOverHttp2(method, "/v1/x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"P(ST /v1/x", "PO\u00e9ST /v1/x", "a:b /v1/x", "\"GET\" /v1/x"})
  void aMethodThatIsNoTokenIsRefusedOverHttp1(String line) throws Exception {
    isRefusedOverHttp1(line);
  }

  @Test
  void theAbsoluteFormIsReadOverHttp1() throws Exception {
    String body = Examples.asking("absolute");
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST http://elsewhere:1/v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);

      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(upstream.last().head().target()).isEqualTo("/v1/completions");
    }
  }

  @Test
  void aRequestThatCannotBeSentIsTakenBackAndTheNextIsAnswered() throws Exception {
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      for (int stream = 1; stream < 20; stream += 2) {
        client.begin(stream, "/v1/completions?a b");
        client.cancel(stream);
      }
      client.post(21, Examples.asking("behind"));

      assertThat(client.answer(21).status()).isEqualTo(200);
    }
  }

  private static final String[] CONNECT = {":method", "CONNECT", ":authority", "inside:22"};

  @Test
  void aTunnelIsRefusedOverHttp2AndTheConnectionLivesOn() throws Exception {
    int before = upstream.calls();
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      client.request(1, null, CONNECT);
      RawHttp2.Answer refused = client.answer(1);
      assertThat(refused.status()).isEqualTo(405);
      assertThat(refused.headers().get("allow"))
          .hasToString("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      isInvalid(refused.body(), "method_not_allowed");
      goesOn(client, 3, before);
    }
  }

  @Test
  void anExtendedTunnelIsRefusedOverHttp2() throws Exception {
    int before = upstream.calls();
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      client.request(
          1,
          null,
          ":method",
          "CONNECT",
          ":protocol",
          "websocket",
          ":scheme",
          "http",
          ":path",
          "/v1/x",
          ":authority",
          "proxy");
      assertThat(client.answer(1)).matches(end -> end.status() == 405 || end.reset() >= 0);
      goesOn(client, 3, before);
    }
  }

  private static void isRefusedOverHttp2(String method, String target) throws Exception {
    int before = upstream.calls();
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      String body = Examples.asking("refused");
      client.request(
          1,
          body,
          ":method",
          method,
          ":scheme",
          "http",
          ":authority",
          "proxy",
          ":path",
          target,
          "content-type",
          "application/json");
      RawHttp2.Answer refused = client.answer(1);
      if (refused.reset() < 0) { // the codec resets some itself
        assertThat(refused.status()).isEqualTo(400);
        isInvalid(refused.body(), "invalid");
      }
      goesOn(client, 3, before);
    } catch (IOException closed) {
      assertThat(upstream.calls()).as("calls, where the codec ends it all").isEqualTo(before);
    }
  }

  private static void goesOn(RawHttp2 client, int stream, int before) throws IOException {
    client.post(stream, Examples.asking("kept"));
    assertThat(client.answer(stream).status()).isEqualTo(200);
    assertThat(upstream.received().subList(before, upstream.calls()))
        .allMatch(one -> one.text().contains("kept"));
  }

  private static void isRefusedOverHttp1(String line) throws Exception {
    int before = upstream.calls();
    String body = Examples.asking("refused");
    try (RawClient client = proxy.connect()) {
      String request =
          line
              + " HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      client.send(request.getBytes(StandardCharsets.ISO_8859_1));
      RawClient.Answer refused = client.answer();

      assertThat(refused.status()).isEqualTo(400);
      isInvalid(refused.text(), "invalid");
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(upstream.calls()).isEqualTo(before);
  }

  private static void isInvalid(String body, String code) {
    JsonNode error = Json.read(body).path("error");
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.path("code").asText()).isEqualTo(code);
  }
}
