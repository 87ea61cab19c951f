package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Chats;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /cache/explain}: what a request meets in the cache, without an upstream call. */
class ExplainTest {
  private static final String RULES =
      """
      rules: [
        {name: bench, when: {header: {User-Agent: "*bench*"}}, cache: off},
        {name: frontier, when: {model: ["gpt-5*"]}, cache: on, namespace: f, ttl: 1h}]\
      """;

  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(
          request ->
              request.json().has("input")
                  ? Vectors.answer(request)
                  : request.json().has("messages")
                      ? Chats.answer(request)
                      : Examples.answer(request));
  private final Proxy proxy = Proxy.before(upstream.url(), "", "cache: {" + RULES + "}");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static HttpResponse<String> explained(Proxy proxy, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + proxy.managementPort() + "/cache/explain"));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return proxy.send(request.POST(BodyPublishers.ofString(body)).build());
  }

  private static JsonObject explain(Proxy proxy, String body, String... headers) {
    HttpResponse<String> response = explained(proxy, body, headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return new JsonObject(response.body());
  }

  @Test
  void aRequestThatWasNotStoredAndThenIs() {
    String body = Examples.sampling("p").replace("\"m\"", "\"gpt-5\"");
    JsonObject before = explain(proxy, body);
    assertThat(before.getString("endpoint")).isEqualTo("/v1/completions");
    assertThat(before.getString("model")).isEqualTo("gpt-5");
    assertThat(before.getString("rule")).isEqualTo("frontier");
    assertThat(before.getBoolean("shared")).isTrue();
    assertThat(before.getString("why")).isEqualTo("rule");
    assertThat(before.getString("namespace")).isEqualTo("f");
    assertThat(before.getString("fingerprint")).matches("[0-9a-f]{64}");
    assertThat(before.getString("tier")).isNull();
    assertThat(upstream.calls()).isZero();

    proxy.post(body);
    JsonObject after = explain(proxy, body);

    assertThat(after.getString("fingerprint")).isEqualTo(before.getString("fingerprint"));
    assertThat(after.getString("tier")).isEqualTo("memory");
    assertThat(after.getInteger("age")).isBetween(0, 60);
    assertThat(after.getInteger("ttl")).isBetween(3_500, 3_600);
    assertThat(after.getInteger("size")).isEqualTo(Examples.ANSWER.length());
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void theHeaderOfTheRequestCountsAsItIsOrAsAnObjectSaysIt() {
    String body = Examples.asking("p");
    String wrapped =
        "{\"endpoint\":\"completions\",\"headers\":{\"User-Agent\":\"a bench\"},\"body\":%s}";
    for (JsonObject off :
        new JsonObject[] {
          explain(proxy, body, "User-Agent", "a bench"), explain(proxy, wrapped.formatted(body)),
        }) {
      assertThat(off.getString("rule")).isEqualTo("bench");
      assertThat(off.getBoolean("shared")).isFalse();
      assertThat(off.getString("why")).isEqualTo("disabled");
      assertThat(off.containsKey("fingerprint")).isFalse();
    }
    assertThat(explain(proxy, body).getString("why")).isEqualTo("deterministic");
    assertThat(explain(proxy, body).getString("rule")).isEqualTo("default");
    assertThat(explain(proxy, Examples.sampling("p")).getString("why")).isEqualTo("sampled");
    assertThat(explain(proxy, Examples.sampling("p"), "X-Refrain-Cache", "force").getString("why"))
        .isEqualTo("force");
  }

  @Test
  void aRunIsExplainedByItsFirstRequestWhichIsNotCounted() {
    String body = Examples.sampling("p");
    JsonObject run = explain(proxy, body, "X-Refrain-Run", "A");
    assertThat(run.getString("why")).isEqualTo("run");
    assertThat(run.getLong("sample")).isZero();
    assertThat(proxy.post(body, "X-Refrain-Run", "A").headers().firstValue("Cache-Status"))
        .hasValueSatisfying(status -> assertThat(status).endsWith("; sample=0"));

    JsonObject first = explain(proxy, body, "X-Refrain-Run", "B");
    JsonObject second = explain(proxy, body, "X-Refrain-Sample", "1");
    assertThat(first.getString("tier")).isEqualTo("memory");
    assertThat(first.getString("fingerprint")).isEqualTo(run.getString("fingerprint"));
    assertThat(second.getString("why")).isEqualTo("sample");
    assertThat(second.getString("tier")).isNull();
  }

  private JsonObject nearest(String body, String... headers) {
    JsonObject explained = explain(proxy, body, headers);
    assertThat(explained.getString("tier")).isNull();
    return explained.getJsonObject("nearest");
  }

  @Test
  void theNearestEntryIsNamedByTheFieldsThatDiffer() {
    assertThat(nearest(Examples.asking("p"))).as("of nothing").isNull();
    String stored = Examples.asking("p").replace("}", ",\"max_tokens\":5,\"seed\":7}");
    proxy.post(stored, "X-Feature", "a");
    proxy.post(Examples.asking("far").replace("}", ",\"top_p\":0.5}"), "X-Feature", "b");
    String print = explain(proxy, stored, "X-Feature", "a").getString("fingerprint");

    String asked =
        stored.replace("5", "6").replace("\"prompt\":\"p\"", "\"x_own\":1,\"prompt\":\"p\"");
    JsonObject nearest = nearest(asked, "X-Feature", "c");
    assertThat(nearest.getJsonArray("differs"))
        .containsExactly("header x-feature", "max_tokens", "x_own");
    assertThat(nearest.getString("fingerprint")).isEqualTo(print);
    assertThat(nearest.getInteger("ttl")).isPositive();
    assertThat(
            nearest(stored, "X-Feature", "a", "Authorization", "Bearer other")
                .getJsonArray("differs"))
        .containsExactly("scope");
    assertThat(
            nearest(stored, "X-Feature", "a", "X-Refrain-Namespace", "n").getJsonArray("differs"))
        .containsExactly("namespace");
    proxy.post(Examples.asking("q"));
    assertThat(nearest(Examples.asking("q"), "X-Refrain-Sample", "2").getJsonArray("differs"))
        .containsExactly("sample");
    assertThat(nearest(stored.replace("\"m\"", "\"other\""))).as("of another model").isNull();
    assertThat(nearest.encode()).as("no values").doesNotContain("\"a\"", "\"p\"", "5,");
  }

  @Test
  void theFirstPartThatIsMissingHasItsNearestEntry() {
    proxy.postTo(Vectors.PATH, Vectors.asking("[\"a\",\"b\"]"));
    JsonObject explained = explain(proxy, Vectors.asking("[\"a\",\"c\"]"));
    assertThat(
            explained
                .getJsonArray("parts")
                .getJsonObject(1)
                .getJsonObject("nearest")
                .getJsonArray("differs"))
        .containsExactly("input");
    proxy.postTo(Chats.PATH, Chats.asking("x"));
    assertThat(nearest(Chats.asking("y", "\"tools\":[],")).getJsonArray("differs"))
        .containsExactly("messages", "tools");
  }

  @Test
  void theEndpointIsKnownByTheFieldsOfTheBody() {
    assertThat(explain(proxy, Chats.asking("x")).getString("endpoint")).isEqualTo(Chats.PATH);
    assertThat(explain(proxy, Vectors.asking("\"x\"")).getString("endpoint"))
        .isEqualTo(Vectors.PATH);
  }

  @Test
  void eachPartOfARequestIsLookedUp() {
    proxy.post(Examples.asking("a"));
    String body = Examples.asking("a").replace("\"a\"", "[\"a\",\"b\"]");

    assertThat(explain(proxy, body).getJsonArray("parts"))
        .extracting(part -> ((JsonObject) part).getString("tier"))
        .containsExactly("memory", null);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[", "7", "{\"prompt\":7,\"temperature\":-1,\"model\":\"m\"}"})
  void aRequestWithoutMeaningIs400(String body) {
    assertThat(explained(proxy, body).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"body\":7}",
        "{\"body\":{},\"headers\":[]}",
        "{\"body\":{},\"headers\":{\"a b\":\"x\"}}",
        "{\"body\":{},\"headers\":{\"a\":1}}",
        "{\"body\":{\"model\":\"m\"},\"endpoint\":\"/v1/files\"}",
        "{\"body\":{\"model\":\"m\"},\"endpoint\":1}"
      })
  void aQuestionWithoutMeaningIs400(String question) {
    assertThat(explained(proxy, question).statusCode()).isEqualTo(400);
  }

  @Test
  void whatOnlyRedisHasIsFoundThere() {
    RedisFixture redis = new RedisFixture();
    String shared = "cache: {redis: {url: \"" + redis.url() + "\", timeout: 1s}, " + RULES + "}";
    try (Proxy one = Proxy.before(upstream.url(), "", shared);
        Proxy other = Proxy.before(upstream.url(), "", shared)) {
      one.post(Examples.asking("p"));
      await()
          .untilAsserted(
              () ->
                  assertThat(explain(other, Examples.asking("p")).getString("tier"))
                      .isEqualTo("redis"));
      assertThat(upstream.calls()).isEqualTo(1);
    } finally {
      redis.close();
    }
  }
}
