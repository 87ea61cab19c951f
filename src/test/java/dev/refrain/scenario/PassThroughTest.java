package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Json;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.Received;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not ours goes to the upstream as it is, and its answer comes back as it is. */
class PassThroughTest {
  private RawServer upstream;
  private Proxy proxy;

  @BeforeEach
  void start() throws Exception {
    upstream = new RawServer();
    proxy = Proxy.before(upstream.url(), "", "");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /v1/chat/completions?limit=2",
        "DELETE /v1/chat/completions/chatcmpl-1",
        "POST /v1/responses",
        "GET /v1/embeddings",
        "POST /v1/moderations",
        "POST /v1/rerank",
        "POST /v1/images/generations",
        "POST /v1/images/edits",
        "POST /v1/images/variations",
        "POST /v1/audio/transcriptions",
        "POST /v1/audio/translations",
        "POST /v1/audio/speech",
        "DELETE /v1/models/ft:gpt-4o-mini:org::id",
        "GET /v1/files?limit=10&after=file-a%2Bb&purpose=",
        "DELETE /v1/files/file-abc",
        "GET /v1/files/file-abc/content",
        "POST /v1beta/models/gemini-pro:generateContent?alt=sse",
        "POST /v1/messages",
        "POST /mj/submit/imagine",
        "GET /mj/task/1712/fetch",
        "POST /mj/task/1712/cancel",
        "POST /mj/notify?state=%E4%B8%AD",
        "GET /mj/image/1712",
        "POST /mj-fast/mj/submit/blend",
        "POST /suno/submit/music",
        "GET /suno/fetch/0a1b-2c3d",
        "POST /kling/v1/videos/text2video",
        "GET /kling/v1/videos/text2video/1712",
        "POST /luma/generations/",
        "GET /luma/generations/0a1b",
        "POST /runwayml/v1/image_to_video",
        "POST /cogvideo/api/paas/v4/videos/generations",
        "POST /viggle/api/video/task",
        "POST /recraft/v1/styles",
        "POST /ideogram/generate",
        "POST /flux/v1/flux-pro-1.1",
        "POST /v2beta/stable-image/generate/sd3",
        "POST /replicate/v1/models/black-forest-labs/flux-schnell/predictions",
        "POST /v1/completions/",
        "POST /v1//completions",
        "POST /V1/completions",
        "POST /v1/%63ompletions",
        "PATCH /a//b/./c;d=e/%7Euser/%2F%2f?q=a+b%20c&&=&x=%zz|{}[]",
        "PURGE /v1/anything?",
        "GET /metrics",
        "GET /health/ready",
        "GET /",
        "OPTIONS *",
        "OPTIONS /v1/completions"
      })
  void everyOtherPathArrivesByteForByte(String line) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(line + " HTTP/1.1\r\nHost: proxy\r\nContent-Length: 4\r\n\r\na\u0000\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        Received request = peer.request();
        assertThat(request.head().start()).isEqualTo(line + " HTTP/1.1");
        assertThat(request.text()).isEqualTo("a\u0000\r\n");
        peer.answer("there");
      }
      assertThat(client.answer().text()).isEqualTo("there");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', /v1/embeddings?a, /v1/embeddings?a",
    "/, /v1/embeddings, /v1/embeddings",
    "/v1, /v1/embeddings, /v1/embeddings",
    "/v1/, /mj/submit/imagine, /mj/submit/imagine",
    "/openai/v1, /v1/embeddings, /openai/v1/embeddings",
    "/openai, /v1/embeddings, /openai/v1/embeddings",
    "/a%2Fb/v1, /suno/fetch, /a%2Fb/suno/fetch",
    "/openai/v1, *, *",
  })
  void theBasePathOfTheUpstreamGoesBeforeIt(String base, String asked, String arrives)
      throws Exception {
    try (Proxy based = Proxy.before(upstream.url() + base, "", "");
        RawClient client = based.connect()) {
      client.send("OPTIONS " + asked + " HTTP/1.1\r\nHost: proxy\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        assertThat(peer.head().target()).isEqualTo(arrives);
      }
    }
  }

  @Test
  void aTargetInAbsoluteFormIsForTheUpstreamAllTheSame() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("GET http://elsewhere:1/v1/files?a HTTP/1.1\r\nHost: elsewhere:1\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        assertThat(peer.head().target()).isEqualTo("/v1/files?a");
      }
    }
  }

  @Test
  void headersArriveAsTheyAreButForThoseOfTheConnection() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(
          "GET /v1/files HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer caller\r\n"
              + "Accept-Encoding: gzip, br;q=0.5\r\nCache-Control: no-cache\r\n"
              + "X-Twice: 1\r\nx-TWICE: 2\r\nX-Request-Id: mine\r\nCookie: a=b; c=d\r\n"
              + "Range: bytes=2-5\r\nIf-None-Match: \"x\"\r\nUser-Agent: t\r\n"
              + "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
              + "Proxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\n"
              + "Upgrade: other/1\r\nVia: 1.0 before\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(lines(head))
            .containsExactlyInAnyOrder(
                "Authorization: Bearer caller",
                "Accept-Encoding: gzip, br;q=0.5",
                "Cache-Control: no-cache",
                "X-Twice: 1",
                "x-TWICE: 2",
                "X-Request-Id: mine",
                "Cookie: a=b; c=d",
                "Range: bytes=2-5",
                "If-None-Match: \"x\"",
                "User-Agent: t",
                "Via: 1.0 before",
                "via: 1.1 refrain",
                "host: " + upstream.url().substring("http://".length()));
        peer.send(
            "HTTP/1.1 206 Some Of It\r\nContent-Length: 4\r\nContent-Range: bytes 2-5/9\r\n"
                + "Set-Cookie: a\r\nSet-Cookie: b\r\nX-Request-Id: theirs\r\n"
                + "Cache-Control: public\r\nDate: d\r\nServer: s\r\nETag: \"x\"\r\n"
                + "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                + "Proxy-Authenticate: Basic\r\nUpgrade: h2c\r\n\r\nbody");
      }
      RawClient.Answer answer = client.answer();
      assertThat(answer.head().start()).isEqualTo("HTTP/1.1 206 Some Of It");
      assertThat(lines(answer.head()))
          .containsExactlyInAnyOrder(
              "content-length: 4",
              "Content-Range: bytes 2-5/9",
              "Set-Cookie: a",
              "Set-Cookie: b",
              "X-Request-Id: theirs",
              "Cache-Control: public",
              "Date: d",
              "Server: s",
              "ETag: \"x\"",
              "via: 1.1 refrain");
      assertThat(answer.text()).isEqualTo("body");
    }
  }

  private static List<String> lines(MessageHead head) {
    return head.fields().stream().map(field -> field.name() + ": " + field.value()).toList();
  }

  @Test
  void whatConnectionNamesDoesNotTakeTheLengthAlong() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST /v1/files HTTP/1.1\r\nHost: proxy\r\nConnection: Content-Length, Host, Via\r\n"
              + "Content-Length: 4\r\n\r\nbody");
      try (RawServer.Peer peer = upstream.accept()) {
        Received request = peer.request();
        assertThat(request.text()).isEqualTo("body");
        assertThat(request.head().first("Host")).contains(upstream.url().substring(7));
      }
    }
  }

  @Test
  void theOperatorsKeyTakesThePlaceOfTheCallers() throws Exception {
    try (Proxy keyed = Proxy.before(upstream.url(), "apiKey: sk-operator", "");
        RawClient client = keyed.connect()) {
      client.send(
          "GET /v1/files HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer caller\r\n"
              + "api-key: caller\r\nX-Api-Key: caller\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(head.all("Authorization")).containsExactly("Bearer sk-operator");
        assertThat(lines(head)).noneMatch(line -> line.contains("caller"));
      }
    }
  }

  @Test
  void aPathThatAnUpstreamListsGoesThere() throws Exception {
    String others =
        "upstreams: [{name: text, url: '%s'}, {name: pictures, url: '%s', paths: ['/mj/*']}]";
    try (RawServer pictures = new RawServer();
        Proxy both = Proxy.with(others.formatted(upstream.url(), pictures.url()));
        RawClient client = both.connect()) {
      client.send("GET /mj/task HTTP/1.1\r\nHost: proxy\r\n\r\n");
      try (RawServer.Peer peer = pictures.accept()) {
        assertThat(peer.head().target()).isEqualTo("/mj/task");
        peer.answer("picture");
      }
      assertThat(client.answer().text()).isEqualTo("picture");
      client.send("GET /v1/mj/task HTTP/1.1\r\nHost: proxy\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        assertThat(peer.head().target()).isEqualTo("/v1/mj/task");
      }
    }
  }

  @Test
  void whatIsCompressedStaysCompressedBothWays() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write("compressed".repeat(1000).getBytes());
    }
    byte[] packed = bytes.toByteArray();
    String length = "Content-Encoding: gzip\r\nContent-Length: " + packed.length + "\r\n\r\n";
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: proxy\r\nAccept-Encoding: gzip\r\n" + length);
      client.send(packed);
      try (RawServer.Peer peer = upstream.accept()) {
        assertThat(peer.request().body()).isEqualTo(packed);
        peer.send("HTTP/1.1 200 OK\r\n" + length).send(packed);
      }
      RawClient.Answer answer = client.answer();
      assertThat(answer.head().first("Content-Encoding")).contains("gzip");
      assertThat(answer.stream().readAllBytes()).isEqualTo(packed);
    }
  }

  @Test
  void anAnswerToHeadKeepsItsLengthAndHasNoBody() throws Exception {
    try (RawClient client = proxy.connect();
        RawServer.Peer peer = next(client, "HEAD")) {
      peer.head();
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 123456789012\r\nETag: \"a\"\r\n\r\n");
      MessageHead head = client.head();
      assertThat(head.all("Content-Length")).containsExactly("123456789012");
      assertThat(head.has("Transfer-Encoding")).isFalse();

      goesOn(client, peer);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, 200, Transfer-Encoding: chunked, false",
    "HEAD, 404, X: y, false",
    "GET, 204, X: y, false",
    "GET, 304, X: y, false",
    "GET, 304, Content-Length: 77, true",
    "DELETE, 204, ETag: a, false"
  })
  void anAnswerWithoutABodyStaysWithoutOne(String method, int status, String line, boolean length)
      throws Exception {
    try (RawClient client = proxy.connect();
        RawServer.Peer peer = next(client, method)) {
      peer.head();
      peer.send("HTTP/1.1 " + status + " As Said\r\n" + line + "\r\n\r\n");
      MessageHead head = client.head();
      assertThat(head.start())
          .isEqualTo("HTTP/1.1 " + status + (status == 304 ? " Not Modified" : " As Said"));
      assertThat(head.has("Content-Length")).isEqualTo(length);
      assertThat(head.has("Transfer-Encoding")).isFalse();

      goesOn(client, peer);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE", "OPTIONS"})
  void aRequestWithoutABodyStaysWithoutOne(String method) throws Exception {
    try (RawClient client = proxy.connect();
        RawServer.Peer peer = next(client, method)) {
      MessageHead head = peer.head();
      assertThat(head.has("Content-Length")).isFalse();
      assertThat(head.has("Transfer-Encoding")).isFalse();
      peer.answer("x");
      assertThat(client.answer().text()).isEqualTo("x");

      goesOn(client, peer);
    }
  }

  private RawServer.Peer next(RawClient client, String method) throws Exception {
    client.send(method + " /v1/x HTTP/1.1\r\nHost: proxy\r\n\r\n");
    return upstream.accept();
  }

  /** Both connections are fit for another request. */
  private static void goesOn(RawClient client, RawServer.Peer peer) throws Exception {
    client.send("GET /v1/next HTTP/1.1\r\nHost: proxy\r\n\r\n");
    assertThat(peer.head().target()).isEqualTo("/v1/next");
    peer.answer("next");
    assertThat(client.answer().text()).isEqualTo("next");
  }

  @Test
  void chunksStayChunksAndTrailersStayTrailers() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST /v1/x HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n"
              + "4\r\nbody\r\n0\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        Received request = peer.request();
        assertThat(request.text()).isEqualTo("body");
        assertThat(request.head().all("Transfer-Encoding")).containsExactly("chunked");
        assertThat(request.head().all("TE")).containsExactly("trailers");
        assertThat(request.head().all("Connection")).containsExactly("TE");
        peer.send(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Sum-2\r\n\r\n"
                + "4\r\ndown\r\n0\r\nX-Sum: 1\r\nX-Sum-2: 2\r\nContent-Length: 9\r\n\r\n");
      }
      RawClient.Answer answer = client.answer();
      assertThat(answer.head().all("Trailer")).containsExactly("X-Sum, X-Sum-2");
      assertThat(answer.text()).isEqualTo("down");
      assertThat(client.trailers())
          .containsExactly(
              new MessageHead.Field("X-Sum", "1"), new MessageHead.Field("X-Sum-2", "2"));
    }
  }

  @Test
  void anAnswerThatEndsWithItsConnectionIsPassedOnInChunks() throws Exception {
    try (RawClient client = proxy.connect()) {
      try (RawServer.Peer peer = next(client, "GET")) {
        peer.head();
        peer.send("HTTP/1.0 200 OK\r\n\r\nto the end");
      }
      RawClient.Answer answer = client.answer();
      assertThat(answer.text()).isEqualTo("to the end");
      assertThat(answer.head().all("Via")).containsExactly("1.1 refrain");
    }
  }

  @Test
  void aCallerOfOldGetsAnAnswerThatEndsWithTheConnection() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("GET /v1/x HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        MessageHead head = peer.head();
        assertThat(head.all("Via")).containsExactly("1.0 refrain");
        assertThat(head.has("Expect")).isFalse();
        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
        RawClient.Answer answer = client.answer();
        assertThat(answer.head().has("Transfer-Encoding")).isFalse();
        peer.send("1\r\nc\r\n0\r\n\r\n");
        assertThat(answer.text()).isEqualTo("abc");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/../admin",
        "/v1/%2E%2e/admin",
        "/v1/..%2Fadmin",
        "/v1/..;/admin",
        "/v1/x#y",
        "v1/models",
        "http:v1"
      })
  void whatCouldLeadElsewhereIsRefused(String target) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("GET " + target + " HTTP/1.1\r\nHost: proxy\r\n\r\n");

      refused(client.answer(), 400, "invalid");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TRACE /v1/models", "CONNECT inside:22", "TRACE /"})
  void whatWouldShowOrReachTooMuchIsRefused(String line) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send(line + " HTTP/1.1\r\nHost: proxy\r\n\r\n");
      RawClient.Answer answer = client.answer();

      assertThat(answer.head().all("Allow"))
          .containsExactly("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
      refused(answer, 405, "method_not_allowed");
    }
  }

  @Test
  void anUpstreamThatNobodyListensOnIs502() throws Exception {
    upstream.close();
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: proxy\r\nContent-Length: 4\r\n\r\nbody");

      refused(client.answer(), 502, "upstream_unreachable");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no http\r\n\r\n",
        "HTTP/1.1 102 Processing\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 1\r\n\r\nx"
      })
  void anAnswerThatIsNoneIs502(String answer) throws Exception {
    try (RawClient client = proxy.connect()) {
      try (RawServer.Peer peer = next(client, "GET")) {
        peer.head();
        peer.send(answer);
      }
      refused(client.answer(), 502, "upstream_broken");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x\r\nabc\r\n", "3\r\nabcdef\r\n", "-1\r\n", "3\r\nabc\r\n,\r\n"})
  void aBodyInBrokenChunksIsTheFaultOfItsCaller(String chunks) throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("POST /v1/x HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.head();
        client.send(chunks);

        refused(client.answer(), 400, "invalid");
        assertThat(client.closedByPeer()).isTrue();
      }
    }
  }

  private static void refused(RawClient.Answer answer, int status, String code) throws Exception {
    String body = answer.text();
    assertThat(answer.status()).as(body).isEqualTo(status);
    assertThat(Json.read(body).at("/error/code").asText()).isEqualTo(code);
    assertThat(Json.read(body).at("/error/message").asText()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void http2AtTheDoorBecomesHttp1(boolean withBody) throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    CompletableFuture<HttpResponse<String>> answer =
        client.sendAsync(
            proxy
                .request("/v1/x?a=%20")
                .method(
                    withBody ? "POST" : "GET",
                    withBody ? BodyPublishers.ofString("up") : BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    try (RawServer.Peer peer = upstream.accept()) {
      Received request = peer.request();
      assertThat(request.head().target()).isEqualTo("/v1/x?a=%20");
      assertThat(request.text()).isEqualTo(withBody ? "up" : "");
      assertThat(request.head().all("Via")).containsExactly("2.0 refrain");
      assertThat(request.head().has("HTTP2-Settings")).isFalse();
      peer.send("HTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\nX-Up: y\r\n\r\n4\r\ndown\r\n");
      peer.send("0\r\n\r\n");
    }
    HttpResponse<String> came = answer.get(10, TimeUnit.SECONDS);
    assertThat(came.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(came.statusCode()).isEqualTo(201);
    assertThat(came.headers().firstValue("x-up")).contains("y");
    assertThat(came.body()).isEqualTo("down");
  }

  @Test
  void whatPassesIsCounted() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.send("INVENTED /v1/x HTTP/1.1\r\nHost: proxy\r\nContent-Length: 4\r\n\r\nbody");
      try (RawServer.Peer peer = upstream.accept()) {
        peer.request();
        assertThat(proxy.manage("/metrics").body())
            .contains("\nrefrain_passthrough_requests_in_flight 1.0");
        peer.answer("down there");
        client.answer().text();
      }
    }
    await()
        .untilAsserted(
            () ->
                assertThat(proxy.manage("/metrics").body())
                    .contains(
                        "\nrefrain_passthrough_requests_in_flight 0.0",
                        "\nrefrain_passthrough_requests_total{method=\"other\",status=\"2xx\"} 1.0",
                        "\nrefrain_passthrough_bytes_total{direction=\"up\"} 4.0",
                        "\nrefrain_passthrough_bytes_total{direction=\"down\"} 10.0"));
  }
}
