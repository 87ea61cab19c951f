package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A page of another origin cannot spend the operator's key by what browsers send unasked. */
class ForeignPageTest {
  private static ScriptedUpstream upstream;
  private static Proxy keyed;
  private static Proxy open;

  @BeforeAll
  static void start() {
    upstream = ScriptedUpstream.playing(Script.json(Examples.ANSWER));
    keyed = Proxy.before(upstream.url(), "apiKey: sk-operator", "");
    open = Proxy.before(upstream);
  }

  @AfterAll
  static void stop() throws Exception {
    keyed.close();
    open.close();
    upstream.close();
  }

  private static final String[] PAGES = {
    "Origin: http://evil.example",
    "Origin: null",
    "Origin: http://proxy:81",
    "Sec-Fetch-Site: cross-site",
    "Origin: http://proxy\r\nSec-Fetch-Site: cross-site",
    "Origin: http://b.proxy\r\nSec-Fetch-Site: same-site"
  };

  /** What a browser sends to another origin without asking it first. */
  static Stream<Arguments> unasked() {
    return Stream.of("/v1/completions", "/v1/chat/completions", "/v1/embeddings", "/v1/anything?a")
        .flatMap(
            path ->
                Stream.of(
                        "",
                        "Content-Type: text/plain",
                        "Content-Type: text/plain; charset=application/json",
                        "Content-Type: application/x-www-form-urlencoded",
                        "Content-Type: multipart/form-data; boundary=x")
                    .flatMap(type -> Stream.of(PAGES).map(page -> Arguments.of(path, type, page))));
  }

  @ParameterizedTest(name = "{0}, {1}, {2}")
  @MethodSource("unasked")
  void whatAPageSendsUnaskedDoesNotGetTheOperatorsKey(String path, String type, String page)
      throws Exception {
    int before = upstream.calls();

    assertThat(post(keyed, path, type, page)).isIn(403, 415);
    assertThat(upstream.calls()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://proxy",
        "Sec-Fetch-Site: same-origin\r\nOrigin: https://outside.example",
        "Sec-Fetch-Site: none",
        "X-Nothing: of a browser"
      })
  void whoIsNoPageOfAnotherOriginNeedsNoType(String line) throws Exception {
    assertThat(post(keyed, "/v1/completions", "", line)).isEqualTo(200);
    assertThat(post(keyed, "/v1/x", "Content-Type: text/plain", line)).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/completions", "/v1/chat/completions"})
  void whatABrowserAsksForFirstIsTheUpstreamsToAllow(String path) throws Exception {
    String json = "Content-Type: application/json";

    assertThat(post(keyed, path, json, PAGES[0])).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Type: multipart/form-data; boundary=x", ""})
  void aPageMayPassWhatItPaysForItself(String type) throws Exception {
    assertThat(post(open, "/v1/files", type, PAGES[0])).isEqualTo(200);
    assertThat(post(keyed, "/v1/files", type, PAGES[0] + "\r\nAuthorization: Bearer its-own"))
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://evil.example", "null"})
  void aPageOpensNoWebSocketAtTheOperatorsCost(String origin) throws Exception {
    int before = upstream.calls();
    try (RawClient client = keyed.connect()) {
      client.send(
          "GET /v1/realtime HTTP/1.1\r\nHost: proxy\r\nConnection: Upgrade\r\n"
              + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: "
              + origin
              + "\r\n\r\n");

      assertThat(client.answer().status()).isEqualTo(403);
    }
    assertThat(upstream.calls()).isEqualTo(before);
  }

  private static int post(Proxy proxy, String path, String type, String line) throws IOException {
    String body = Examples.asking("a page");
    String head = type.isEmpty() ? line : type + "\r\n" + line;
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: proxy\r\n%s\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(path, head, body.length(), body));
      return client.answer().status();
    }
  }
}
