package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Events;
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
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What answers say about themselves, and over which protocol they come. */
class HeadersTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void cacheStatusTellsAMissAndAHit() {
    HttpResponse<String> miss = proxy.post(Examples.REQUEST);
    HttpResponse<String> hit = proxy.post(Examples.REQUEST);

    assertThat(one(miss, "Cache-Status")).startsWith("refrain; fwd=uri-miss");
    assertThat(miss.headers().firstValue("Age")).isEmpty();
    assertThat(one(hit, "Cache-Status")).matches("refrain; hit; ttl=\\d+; detail=memory");
    assertThat(Integer.parseInt(one(hit, "Cache-Status").replaceAll("\\D", "")))
        .isBetween(86_000, 86_400);
    assertThat(Integer.parseInt(one(hit, "Age"))).isBetween(0, 20);
  }

  @Test
  void cacheStatusFollowsThatOfTheUpstreamAndAHitTellsOfItselfAlone() {
    upstream.play(
        Script.answer(
            200,
            Examples.ANSWER,
            "Content-Type: application/json",
            "Cache-Status: origin; hit",
            "cache-status: cdn; fwd=miss, edge; hit"));
    HttpResponse<String> miss = proxy.post(Examples.REQUEST);
    HttpResponse<String> hit = proxy.post(Examples.REQUEST);

    assertThat(one(miss, "Cache-Status"))
        .startsWith("origin; hit, cdn; fwd=miss, edge; hit, refrain; fwd=uri-miss");
    assertThat(one(hit, "Cache-Status")).startsWith("refrain; hit");
  }

  @Test
  void cacheStatusTellsAMissAndAHitOfAStream() {
    HttpResponse<String> miss = proxy.post(Examples.streaming());
    HttpResponse<String> hit = proxy.post(Examples.streaming());

    assertThat(one(miss, "Cache-Status")).startsWith("refrain; fwd=uri-miss");
    assertThat(one(hit, "Cache-Status")).matches("refrain; hit; ttl=\\d+; detail=memory");
    assertThat(hit.headers().firstValue("Age")).isPresent();
  }

  @Test
  void cacheStatusTellsWhyTheCacheWasPassedBy() {
    assertThat(one(proxy.post(Examples.sampling("s")), "Cache-Status"))
        .isEqualTo("refrain; fwd=bypass; detail=sampled");
    assertThat(one(proxy.post(Examples.asking("s"), "Cache-Control", "no-store"), "Cache-Status"))
        .isEqualTo("refrain; fwd=bypass; detail=no-store");
  }

  @Test
  void noStoreNeitherKeepsNorServes() {
    proxy.post(Examples.asking("d"), "Cache-Control", "no-store");
    proxy.post(Examples.asking("d"));
    proxy.post(Examples.asking("d"), "Cache-Control", "no-store");
    assertThat(upstream.calls()).isEqualTo(3);

    proxy.post(Examples.asking("d"));
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-cache", "max-age=0", "No-Cache", "x=1, no-cache"})
  void whoAsksAnewGetsAndKeepsANewAnswer(String directive) {
    proxy.post(Examples.asking("n"));
    String other = Examples.ANSWER.replace("indeed", "anew");
    upstream.play(Script.json(other));
    // An answer is not older than zero seconds before its first millisecond is over.
    Awaitility.await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () -> proxy.post(Examples.asking("n"), "Cache-Control", directive).body(),
            other::equals);

    assertThat(proxy.post(Examples.asking("n")).body()).isEqualTo(other);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void onlyIfCachedCostsNothing() {
    HttpResponse<String> none = proxy.post(Examples.asking("o"), "Cache-Control", "only-if-cached");
    assertThat(none.statusCode()).isEqualTo(504);
    assertThat(Json.read(none.body()).at("/error/code").asText()).isEqualTo("not_cached");
    assertThat(upstream.calls()).isZero();
    proxy.post(Examples.asking("o"));

    HttpResponse<String> some = proxy.post(Examples.asking("o"), "Cache-Control", "only-if-cached");
    assertThat(some.body()).isEqualTo(Examples.ANSWER);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void forceKeepsWhatIsNotDeterministic() {
    proxy.post(Examples.sampling("f"), "X-Refrain-Cache", "force");
    proxy.post(Examples.sampling("f"), "X-Refrain-Cache", "force");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.last().head().has("X-Refrain-Cache")).isFalse();

    proxy.post(Examples.sampling("f"));
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void nobodyOutsideShallKeepAnAnswerOrHoldItBack() {
    upstream.play(
        request ->
            request.wantsStream()
                ? Script.events("Cache-Control: public, max-age=9")
                    .data(Examples.chunk("a", "stop"))
                    .data(Examples.usage())
                    .done()
                : Examples.answer(request));
    for (String body : List.of(Examples.streaming("c"), Examples.streaming("c"))) {
      HttpResponse<String> stream = proxy.post(body);
      assertThat(one(stream, "Cache-Control")).isEqualTo("private, no-store");
      assertThat(one(stream, "X-Accel-Buffering")).isEqualTo("no");
      assertThat(one(stream, "Content-Type")).startsWith("text/event-stream");
    }
    for (String body : List.of(Examples.REQUEST, Examples.REQUEST, Examples.sampling("c"), "[]")) {
      HttpResponse<String> whole = proxy.post(body);
      assertThat(one(whole, "Cache-Control")).isEqualTo("private, no-store");
      assertThat(whole.headers().firstValue("X-Accel-Buffering")).isEmpty();
      assertThat(one(whole, "Content-Length")).isEqualTo(String.valueOf(whole.body().length()));
    }
  }

  @Test
  void headersOfTheUpstreamsConnectionStayOnIt() {
    upstream.play(
        Script.answer(
            200,
            Examples.ANSWER,
            "Content-Type: application/json",
            "Connection: keep-alive, X-Hop",
            "X-Hop: 1",
            "Keep-Alive: timeout=5",
            "Proxy-Authenticate: Basic",
            "Upgrade: h2c",
            "OpenAI-Processing-Ms: 7"));

    HttpResponse<String> answer = proxy.post(Examples.asking("hop"));

    assertThat(answer.headers().map().keySet())
        .map(String::toLowerCase)
        .doesNotContain("x-hop", "keep-alive", "proxy-authenticate", "upgrade")
        .contains("openai-processing-ms");
    assertThat(answer.headers().allValues("Content-Length")).hasSize(1);
  }

  @Test
  void aHitDoesNotCarryWhatWasAboutTheFirstCall() {
    upstream.play(
        Script.answer(
            200,
            Examples.ANSWER,
            "Content-Type: application/json; charset=utf-8",
            "x-ratelimit-remaining-requests: 3",
            "Set-Cookie: a=b",
            "X-Request-Id: the-upstreams"));
    HttpResponse<String> miss = proxy.post(Examples.asking("h"), "X-Request-Id", "first");
    HttpResponse<String> hit = proxy.post(Examples.asking("h"), "X-Request-Id", "second");

    assertThat(one(miss, "x-ratelimit-remaining-requests")).isEqualTo("3");
    assertThat(one(miss, "X-Request-Id")).isEqualTo("first");
    assertThat(one(hit, "X-Request-Id")).isEqualTo("second");
    assertThat(one(hit, "Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(hit.headers().map()).doesNotContainKeys("x-ratelimit-remaining-requests");
    assertThat(hit.headers().map()).doesNotContainKeys("set-cookie");
  }

  @Test
  void oneConnectionServesManyRequestsAndNeedsOneUpstreamConnection() throws Exception {
    // With its last chunk still on the way a connection would be busy, and another one right.
    upstream.play(
        request ->
            request.wantsStream()
                ? Script.events().data(Examples.chunk("a", "stop")).doneInOneWrite()
                : Examples.answer(request));
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < 100; i++) {
        RawClient.Answer whole = client.post(Examples.sampling("k" + i)).answer();
        assertThat(whole.text()).isEqualTo(Examples.ANSWER);
        RawClient.Answer stream = client.post(Examples.samplingStream("k" + i)).answer();
        assertThat(Events.of(stream.text()).properlyEnded()).isTrue();
        assertThat(client.post("[]").answer().text()).contains("object");
      }
    }
    assertThat(upstream.calls()).isEqualTo(200);
    assertThat(upstream.openConnections()).isEqualTo(1);
  }

  @Test
  void nobodyWaitsForTheEndOfABodyWhoseStreamHasEnded() throws Exception {
    Gate tail = new Gate();
    Script stream = Script.events().data(Examples.chunk("a", "stop"));
    upstream.play(stream.data("[DONE]").pause(tail).end());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer first = client.post(Examples.samplingStream("first")).answer();
      assertThat(Events.of(first.text()).properlyEnded()).isTrue();

      upstream.play(stream.doneInOneWrite());
      for (int i = 0; i < 20; i++) {
        RawClient.Answer next = client.post(Examples.samplingStream("n" + i)).answer();
        assertThat(Events.of(next.text()).properlyEnded()).isTrue();
      }
      tail.open();
    }
    assertThat(upstream.openConnections()).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"n\":2"})
  void aClientOfHttp10GetsAnAnswerThatEndsWithTheConnectionItWantedToKeep(String choices)
      throws Exception {
    Gate rest = new Gate();
    upstream.play(Examples.inTwoHalves(rest));
    try (RawClient client = proxy.connect()) {
      String body = Examples.samplingStream("old").replace("}", choices + "}");
      client.send(
          "POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\n"
              + "Connection: keep-alive\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      RawClient.Answer answer = client.answer();
      assertThat(answer.head().has("Transfer-Encoding")).isFalse();
      assertThat(answer.head().has("Content-Length")).isFalse();
      rest.open();

      assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
    }
  }

  @Test
  void aClientOfHttp10KeepsTheConnectionWhereTheLengthOfAStreamIsKnown() throws Exception {
    proxy.post(Examples.streaming("kept"));
    String body = Examples.streaming("kept");
    try (RawClient client = proxy.connect()) {
      for (int i = 0; i < 2; i++) {
        client.send(
            "POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\n"
                + "Connection: keep-alive\r\nContent-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);
        RawClient.Answer answer = client.answer();

        assertThat(answer.head().has("Content-Length")).isTrue();
        assertThat(Events.of(answer.text()).properlyEnded()).isTrue();
      }
    }
  }

  @Test
  void http2IsSpokenAfterAnUpgrade() throws Exception {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    for (String body : List.of(Examples.REQUEST, Examples.REQUEST, Examples.streaming("up"))) {
      HttpResponse<String> answer =
          client.send(
              proxy.request("/v1/completions").POST(BodyPublishers.ofString(body)).build(),
              BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).contains("indeed");
    }
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(upstream.received().get(0).head().has("HTTP2-Settings")).isFalse();
    assertThat(upstream.received().get(0).head().has("Upgrade")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void http2IsSpokenWithPriorKnowledge(boolean stream) throws Exception {
    Vertx vertx = Vertx.vertx();
    HttpClientAgent client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
    try {
      String body =
          client
              .request(HttpMethod.POST, proxy.port(), "127.0.0.1", "/v1/completions")
              .compose(
                  request ->
                      request
                          .putHeader("content-type", "application/json")
                          .send(stream ? Examples.streaming() : Examples.REQUEST))
              .compose(
                  response -> {
                    assertThat(response.version()).isEqualTo(HttpVersion.HTTP_2);
                    assertThat(response.statusCode()).isEqualTo(200);
                    return response.body();
                  })
              .await(10, TimeUnit.SECONDS)
              .toString();

      assertThat(stream ? Events.of(body).text(0) : Examples.text(body)).isEqualTo(Examples.TEXT);
    } finally {
      client.close(); // and not before, as a client does that nobody holds
      vertx.close().await(10, TimeUnit.SECONDS);
    }
  }

  private static String one(HttpResponse<String> answer, String header) {
    assertThat(answer.headers().allValues(header)).as(header).hasSize(1);
    return answer.headers().firstValue(header).orElseThrow();
  }
}
