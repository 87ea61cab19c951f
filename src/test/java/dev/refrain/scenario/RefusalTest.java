package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every refusal of the front has the API's error shape, and costs no call. */
class RefusalTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", "limits: {body: 1KiB}");

  @AfterEach
  void stop() throws Exception {
    assertThat(upstream.received()).filteredOn(one -> one.text().contains("refused")).isEmpty();
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "PATCH", "DELETE"})
  void anotherMethodIs405AndNamesTheRightOne(String method) {
    HttpRequest request =
        proxy.request("/v1/completions").method(method, BodyPublishers.noBody()).build();
    HttpResponse<String> answer = proxy.send(request);

    error(answer, 405);
    assertThat(answer.headers().allValues("Allow")).containsExactly("POST");
  }

  @Test
  void headIs405WithoutABody() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("HEAD /v1/completions HTTP/1.1\r\nHost: proxy\r\n\r\n");
      client.send("GET /v1/completions HTTP/1.1\r\nHost: proxy\r\n\r\n");

      // The answer to HEAD may state a length, but what follows at once is the next head.
      assertThat(client.head().status()).isEqualTo(405);
      assertThat(client.head().status()).isEqualTo(405);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/completions", "/v1/completions?a b", "/v1/../x", "/v1/x"})
  void headOverHttp2IsAnsweredWithoutAByteOfABody(String path) throws Exception {
    upstream.play(Script.answer(200, "").raw(new byte[0]));
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      client.request(
          1, null, ":method", "HEAD", ":scheme", "http", ":authority", "proxy", ":path", path);
      RawHttp2.Answer answer = client.answer(1);

      assertThat(answer.status()).isIn(200, 400, 405);
      assertThat(answer.dataFrames()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /v1/completions HTTP/1.1\r\n",
        "GET /v1/x HTTP/1.1\r\n",
        "GET /v1/x HTTP/1.1\r\nHost: proxy\r\nHost: proxy\r\n",
        "GET /v1/x HTTP/1.0\r\nHost: proxy\r\nHost: other\r\n",
        "GET /v1/x HTTP/1.1\r\nHost: a proxy\r\n",
        "GET /v1/x HTTP/1.1\r\nHost: user@proxy\r\n"
      })
  void aRequestThatDoesNotSayToWhomOnceIs400(String head) throws Exception {
    rejected(head + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "proxy:80", "[::1]:80", "a_b"})
  void anyHostThatIsOneWillDo(String host) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("GET /v1/x HTTP/1.1\r\nHost: " + host + "\r\n\r\n");

      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "2.0", "9.9"})
  void anotherVersionIs400(String version) throws Exception {
    rejected("GET /v1/x HTTP/" + version + "\r\nHost: a\r\n\r\n");
  }

  private void rejected(String request) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(request);
      RawClient.Answer answer = client.answer();

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.head().has("X-Request-Id")).isTrue();
      assertThat(Json.read(answer.text()).path("error").path("code").asText()).isEqualTo("invalid");
      assertThat(client.closedByPeer()).isTrue();
    }
    assertThat(upstream.calls()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "Content-Type,text/plain",
    "Content-Type,multipart/form-data; boundary=x",
    "Content-Type,application/json; charset=iso-8859-1"
  })
  void aBodyThatDoesNotClaimToBeJsonIs415(String header, String value) {
    HttpRequest request =
        proxy
            .request("/v1/completions")
            .setHeader(header, value)
            .POST(BodyPublishers.ofString(Examples.asking("refused")))
            .build();

    assertThat(error(proxy.send(request), 415).path("code").asText())
        .isEqualTo("unsupported_media_type");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "identity, gzip"})
  void anEncodedBodyIs415(String encoding) {
    error(proxy.post(Examples.asking("refused"), "Content-Encoding", encoding), 415);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json; charset=utf-8", "Application/JSON"})
  void jsonMayBeSpelledOtherwise(String type) {
    HttpRequest request =
        proxy
            .request("/v1/completions")
            .setHeader("Content-Type", type)
            .POST(BodyPublishers.ofString(Examples.asking("spelled")))
            .build();

    assertThat(proxy.send(request).statusCode()).isEqualTo(200);
  }

  @Test
  void aBodyJustAtTheLimitIsRead() {
    String empty = Examples.asking("");

    assertThat(proxy.post(Examples.asking("x".repeat(1024 - empty.length()))).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aDeclaredBodyOverTheLimitIs413BeforeItIsRead() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(head("Content-Length: 1025") + "{\"model\":\"refused\"");

      refusedAsTooLarge(client.answer());
    }
  }

  @Test
  void aDeclaredBodyOverEveryLimitIs413() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(head("Content-Length: 9223372036854775807"));

      refusedAsTooLarge(client.answer());
    }
  }

  @Test
  void aChunkedBodyOverTheLimitIs413() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(head("Transfer-Encoding: chunked"));
      String chunk = "200\r\n" + " ".repeat(0x200) + "\r\n";
      client.send(chunk + chunk + chunk);

      refusedAsTooLarge(client.answer());
    }
  }

  @Test
  void aChunkedBodyWithinTheLimitIsRead() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(head("Transfer-Encoding: chunked"));
      byte[] body = Examples.asking("chunked").getBytes(StandardCharsets.UTF_8);
      for (byte one : body) {
        client.send(new byte[] {'1', '\r', '\n', one, '\r', '\n'});
      }
      client.send("0\r\n\r\n");

      assertThat(client.answer().text()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.last().body()).isEqualTo(body);
    }
  }

  @Test
  void whoExpectsToBeToldIsToldToContinue() throws Exception {
    String body = Examples.asking("expected");
    try (RawClient client = proxy.connect()) {
      client.send(head("Content-Length: " + body.length(), "Expect: 100-continue"));
      assertThat(client.answer().status()).isEqualTo(100);
      client.send(body);

      assertThat(client.answer().text()).isEqualTo(Examples.ANSWER);
      assertThat(upstream.last().head().has("Expect")).isFalse();
    }
  }

  @Test
  void aCallerOfHttp10IsNotToldToContinue() throws Exception {
    String body = Examples.asking("expected of old");
    try (RawClient client = proxy.connect()) {
      client.send(
          head("Content-Length: " + body.length(), "Expect: 100-continue")
                  .replace("HTTP/1.1", "HTTP/1.0")
              + body);

      assertThat(client.answer().status()).isEqualTo(200);
    }
  }

  /** What curl sends with {@code -d} and no type of its own. */
  @Test
  void jsonUnderTheTypeOfAFormIsReadAndSentOnAsJson() throws Exception {
    HttpRequest request =
        proxy
            .request("/v1/completions")
            .setHeader("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(Examples.asking("curl")))
            .build();

    assertThat(proxy.send(request).statusCode()).isEqualTo(200);
    assertThat(upstream.last().head().all("Content-Type")).containsExactly("application/json");
  }

  @Test
  void twoTypesAre415() throws Exception {
    String body = Examples.asking("refused");
    try (RawClient client = proxy.connect()) {
      client.send(head("Content-Length: " + body.length(), "Content-Type: text/plain") + body);

      assertThat(client.answer().status()).isEqualTo(415);
    }
  }

  @Test
  void whoExpectsToBeToldIsToldThatItIsTooMuch() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(head("Content-Length: 1025", "Expect: 100-continue"));

      refusedAsTooLarge(client.answer());
    }
  }

  private static String head(String... lines) {
    return "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n"
        + String.join("\r\n", lines)
        + "\r\n\r\n";
  }

  private static void refusedAsTooLarge(RawClient.Answer answer) throws Exception {
    assertThat(answer.status()).isEqualTo(413);
    JsonNode error = Json.read(answer.text()).path("error");
    assertThat(error.path("code").asText()).isEqualTo("too_large");
    assertThat(error.path("message").asText()).isNotBlank();
  }

  private static JsonNode error(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/json");
    JsonNode error = Json.read(answer.body()).path("error");
    assertThat(error.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("message", "type", "param", "code");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    return error;
  }
}
