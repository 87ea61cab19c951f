package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the upstream gets is what the caller said. */
class FaithfulRequestTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        Examples.REQUEST,
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"seed\":9007199254740993,\"temperature\":1}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"seed\":-9223372036854775808,\"temperature\":0}",
        "{ \"model\" : \"m\" ,\n\t\"prompt\" : [ 1 , 2 ] }",
        "{\"model\":\"m\",\"prompt\":\"\\u0000 \\ud83d\\ude00 \\u00e9 \\/ \\\" \\\\ \\b\"}",
        "{\"model\":\"m\",\"prompt\":\"😀 é 漢字 \\ud800\",\"temperature\":0}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"x\":{\"b\":1.50,\"a\":[1E+2,-0.0,null,{}]},\"y\":0.1e-7}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"temperature\":0.0,\"top_p\":1.0,\"suffix\":\"\"}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"n\":null,\"logprobs\":null,\"user\":null}",
        "{\"model\":\"m\",\"prompt\":\"p\",\"x\":12345678901234567890123456789.000000001}"
      })
  void theBodyTravelsByteForByte(String body) {
    assertThat(proxy.post(body).statusCode()).isEqualTo(200);

    assertThat(upstream.last().text()).isEqualTo(body);
  }

  @Test
  void whatIsSpelledAsAStringIsSentAsWhatItMeans() {
    proxy.post(
        """
        {"model":"m","prompt":"7","max_tokens":"7","temperature":"0.50","top_p":"1","n":"2",\
        "stream":"false","logprobs":"","stop":"7","echo":"true","seed":"9007199254740993",\
        "best_of":"3","frequency_penalty":"-1.5","presence_penalty":"2","x":"7"}""");

    assertThat(upstream.last().text())
        .isEqualTo(
            """
            {"model":"m","prompt":"7","max_tokens":7,"temperature":0.50,"top_p":1,"n":2,\
            "stream":false,"logprobs":null,"stop":"7","echo":true,"seed":9007199254740993,\
            "best_of":3,"frequency_penalty":-1.5,"presence_penalty":2,"x":"7"}""");
  }

  @Test
  void aStreamThatIsNotSharedIsAskedForInTheCallersOwnWords() {
    String body = Examples.samplingStream("words");
    proxy.post(body);

    assertThat(upstream.last().text()).isEqualTo(body);
  }

  @Test
  void aStreamThatMayBeKeptAsksForItsUsageAndForNothingElse() {
    proxy.post(Examples.streaming("usage"));

    assertThat(upstream.last().wantsUsage()).isTrue();
    assertThat(upstream.last().json().fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("model", "prompt", "temperature", "stream", "stream_options");
  }

  @Test
  void theQueryIsSentOnAndTellsAnswersApart() {
    String body = Examples.asking("query");
    upstream.play(Examples::answer);
    for (String query : List.of("?api-version=1", "?api-version=2", "?api-version=1")) {
      proxy.send(
          proxy.request("/v1/completions" + query).POST(BodyPublishers.ofString(body)).build());
    }

    assertThat(upstream.received())
        .extracting(request -> request.head().start().split(" ")[1])
        .containsExactly("/v1/completions?api-version=1", "/v1/completions?api-version=2");
  }

  @Test
  void theCallersKeyIsSentOn() {
    proxy.post(Examples.asking("key"), "Authorization", "Bearer callers");

    assertThat(upstream.last().head().all("Authorization")).containsExactly("Bearer callers");
  }

  @Test
  void theConfiguredKeyTakesThePlaceOfTheCallers() throws Exception {
    try (Proxy keyed = Proxy.before(upstream.url(), "apiKey: ours", "")) {
      keyed.post(Examples.asking("key"), "Authorization", "Bearer callers", "api-key", "callers");

      assertThat(upstream.last().head().all("Authorization")).containsExactly("Bearer ours");
      assertThat(upstream.last().head().fields())
          .noneMatch(field -> field.value().contains("callers"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/v1", "/v1/"})
  void theUpstreamsUrlMayEndInV1OrNot(String ending) {
    try (Proxy other = Proxy.before(upstream.url() + ending, "", "")) {
      other.post(Examples.asking("path"));
    }

    assertThat(upstream.last().head().start()).isEqualTo("POST /v1/completions HTTP/1.1");
  }

  @Test
  void aDeeperUpstreamPathIsKept() {
    try (Proxy other = Proxy.before(upstream.url() + "/team/v1", "", "")) {
      other.post(Examples.asking("path"));
    }

    assertThat(upstream.last().head().target()).isEqualTo("/team/v1/completions");
  }

  @Test
  void headersOfTheConnectionStayOnIt() throws Exception {
    try (RawClient client = proxy.connect()) {
      client.post(
          Examples.asking("hops"),
          "Connection: keep-alive, X-Hop",
          "X-Hop: 1",
          "Keep-Alive: timeout=5",
          "TE: trailers",
          "Trailer: X-Late",
          "Proxy-Authorization: Basic c2VjcmV0",
          "Proxy-Connection: keep-alive",
          "X-End-To-End: 1",
          "OpenAI-Beta: x");
      assertThat(client.answer().status()).isEqualTo(200);
    }

    MessageHead head = upstream.last().head();
    assertThat(names(head))
        .doesNotContain(
            "x-hop", "keep-alive", "te", "trailer", "proxy-authorization", "proxy-connection")
        .contains("x-end-to-end", "openai-beta");
    assertThat(head.all("Host")).containsExactly(upstream.url().substring("http://".length()));
    assertThat(head.all("Content-Length"))
        .containsExactly(String.valueOf(upstream.last().body().length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]",
        "\"stop\":[]",
        "\"max_tokens\":-1",
        "\"logit_bias\":[[7,-1.50],[\"text\",false]]"
      })
  void whatOnlySomeServersTakeIsForThemToJudge(String field) {
    String body = "{\"model\":\"m\",\"prompt\":\"p\"," + field + "}";

    assertThat(proxy.post(body).statusCode()).isEqualTo(200);
    assertThat(upstream.last().text()).isEqualTo(body);
  }

  @Test
  void nothingEncodedIsAskedForThatCouldNotBeRead() {
    proxy.post(Examples.asking("encoding"), "Accept-Encoding", "gzip, br");

    assertThat(upstream.last().head().all("Accept-Encoding")).containsExactly("identity");
  }

  @Test
  void directivesForThisCacheDoNotAskMoreOfTheUpstream() {
    proxy.post(Examples.asking("plain"));

    assertThat(names(upstream.last().head())).doesNotContain("x-refrain-cache", "cache-control");
  }

  @Test
  void theCallersRequestIdGoesInAndOut() {
    HttpResponse<String> answer = proxy.post(Examples.asking("id"), "X-Request-Id", "req-42");

    assertThat(answer.headers().allValues("X-Request-Id")).containsExactly("req-42");
    assertThat(upstream.last().head().all("X-Request-Id")).containsExactly("req-42");
  }

  @Test
  void arequestWithoutAnIdGetsOne() {
    String id = id(proxy.post(Examples.asking("id")));

    assertThat(id).isNotBlank().hasSizeLessThanOrEqualTo(64);
    assertThat(upstream.last().head().all("X-Request-Id")).containsExactly(id);
    assertThat(id(proxy.post(Examples.asking("id")))).as("of a hit").isNotEqualTo(id);
  }

  @Test
  void anEndlessRequestIdIsNotSentOn() {
    String endless = "x".repeat(2000);

    String id = id(proxy.post(Examples.asking("id"), "X-Request-Id", endless));

    assertThat(id).isNotEqualTo(endless).hasSizeLessThanOrEqualTo(128);
    assertThat(upstream.last().head().all("X-Request-Id")).containsExactly(id);
  }

  private static String id(HttpResponse<String> answer) {
    return answer.headers().firstValue("X-Request-Id").orElse("");
  }

  private static List<String> names(MessageHead head) {
    return head.fields().stream().map(field -> field.name().toLowerCase(Locale.ROOT)).toList();
  }
}
