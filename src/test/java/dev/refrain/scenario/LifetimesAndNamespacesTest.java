package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Chats;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How long answers are fresh and in which part of a scope they are, by rule and by request. */
class LifetimesAndNamespacesTest {
  private static final Pattern TTL = Pattern.compile("; ttl=(\\d+);");
  private static final String NAMESPACE = "X-Refrain-Namespace";
  private static final String LIFETIME = "X-Refrain-TTL";
  private static final String RULES =
      """
      rules: [
        {name: brief, when: {model: [brief]}, ttl: 60s},
        {name: long, when: {model: [long]}, ttl: 30d},
        {name: apart, when: {model: [apart]}, namespace: rule-made}]\
      """;

  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(LifetimesAndNamespacesTest::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", "cache: {" + RULES + "}");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  private static Script answer(Received request) {
    if (request.json().has("input")) {
      return Vectors.answer(request);
    }
    return request.json().has("messages") ? Chats.answer(request) : Examples.answer(request);
  }

  private static String asking(String model) {
    return "{\"model\":\"%s\",\"prompt\":\"p\",\"temperature\":0}".formatted(model);
  }

  private static String status(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private static int ttl(HttpResponse<String> hit) {
    Matcher ttl = TTL.matcher(status(hit));
    assertThat(ttl.find()).as(status(hit)).isTrue();
    return Integer.parseInt(ttl.group(1));
  }

  @ParameterizedTest
  @CsvSource({
    "m, , 86400",
    "brief, , 60",
    "long, , 2592000",
    "m, 90, 90",
    "m, 5m, 300",
    "m, 300d, 86400",
    "brief, 30s, 30",
    "brief, 1h, 60",
    "long, 20d, 1728000",
  })
  void anAnswerIsFreshAsLongAsItsRuleSaysAndNoLongerThanItsRequestSays(
      String model, String asked, int seconds) {
    String[] headers = asked == null ? new String[0] : new String[] {LIFETIME, asked};
    proxy.post(asking(model), headers);

    assertThat(ttl(proxy.post(asking(model)))).isBetween(seconds - 20, seconds);
  }

  static Stream<Arguments> each() {
    String chat = Chats.asking("p");
    return Stream.of(
        Arguments.of("/v1/completions", asking("m")),
        Arguments.of("/v1/completions", Examples.streaming("p")),
        Arguments.of("/v1/completions", asking("m").replace("\"p\"", "[\"p\",\"q\"]")),
        Arguments.of(Chats.PATH, chat),
        Arguments.of(Chats.PATH, Chats.streaming("p")),
        Arguments.of(Vectors.PATH, Vectors.asking("\"p\"")),
        Arguments.of(Vectors.PATH, Vectors.asking("[\"p\",\"q\"]")));
  }

  @ParameterizedTest
  @MethodSource("each")
  void aNamespaceDividesAScopeAndNeverCrossesIt(String path, String body) {
    String[][] callers = {
      {},
      {NAMESPACE, "a"},
      {NAMESPACE, "b"},
      {NAMESPACE, "a", "Authorization", "Bearer sk-another"},
    };
    for (String[] caller : callers) {
      assertThat(status(proxy.postTo(path, body, caller))).doesNotContain("hit");
    }
    for (String[] caller : callers) {
      assertThat(status(proxy.postTo(path, body, caller))).contains("hit");
    }
    assertThat(upstream.last().head().has(NAMESPACE)).isFalse();
  }

  @ParameterizedTest
  @MethodSource("each")
  void eachPartOfARequestHasItsLifetime(String path, String body) {
    proxy.postTo(path, body, LIFETIME, "100");

    assertThat(ttl(proxy.postTo(path, body))).isBetween(80, 100);
    assertThat(upstream.last().head().has(LIFETIME)).isFalse();
  }

  @Test
  void aRuleHasANamespaceUnlessTheRequestNamesAnother() {
    String body = asking("apart");
    assertThat(status(proxy.post(body))).contains("uri-miss");
    assertThat(status(proxy.post(body, NAMESPACE, "rule-made"))).contains("hit");
    assertThat(status(proxy.post(body, NAMESPACE, "another"))).contains("uri-miss");
  }

  @ParameterizedTest
  @CsvSource({"X-Refrain-TTL, soon", "X-Refrain-TTL, 0", "X-Refrain-Namespace, a/b"})
  void aHeaderWithoutMeaningIsRefusedAndNamed(String name, String value) {
    HttpResponse<String> refused = proxy.post(asking("m"), name, value);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"param\":\"" + name + "\"");
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void aNamespaceIsPurgedInEveryScopeAndNoOtherIs() {
    String[][] purged = {{NAMESPACE, "A"}, {NAMESPACE, "A", "Authorization", "Bearer sk-b"}};
    String[][] others = {{}, {NAMESPACE, "a"}};
    Stream.of(purged, others).flatMap(Stream::of).forEach(each -> proxy.post(asking("m"), each));

    assertThat(purge(proxy, "A").body())
        .isEqualTo("{\"purged\":{\"namespace\":\"A\"},\"reach\":\"here\",\"entries\":2}");

    for (String[] each : others) {
      assertThat(status(proxy.post(asking("m"), each))).contains("hit");
    }
    for (String[] each : purged) {
      assertThat(status(proxy.post(asking("m"), each))).contains("uri-miss");
    }
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_cache_purges_total{by=\"namespace\"} 1.0");
    assertThat(purge(proxy, "a b").statusCode()).isEqualTo(400);
  }

  private static HttpResponse<String> purge(Proxy proxy, String namespace) {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/cache/purge");
    String body = "{\"namespace\":\"%s\"}".formatted(namespace);
    return proxy.send(HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build());
  }

  @Test
  void anotherReplicaHasLifetimeAndNamespaceFromRedis() {
    RedisFixture redis = new RedisFixture();
    String shared = "cache: {redis: {url: \"" + redis.url() + "\", timeout: 1s}, " + RULES + "}";
    try (Proxy one = Proxy.before(upstream.url(), "", shared);
        Proxy other = Proxy.before(upstream.url(), "", shared)) {
      Map<String, Integer> lifetimes = Map.of("m", 86_400, "brief", 60, "long", 2_592_000);
      lifetimes.forEach(
          (model, seconds) -> {
            await().until(() -> status(one.post(asking(model), NAMESPACE, "n")).contains("hit"));
            await().until(() -> status(other.post(asking(model), NAMESPACE, "n")).contains("hit"));
            assertThat(ttl(other.post(asking(model), NAMESPACE, "n")))
                .isBetween(seconds - 60, seconds);
          });
      int calls = upstream.calls();
      assertThat(status(other.post(asking("m")))).contains("uri-miss");
      assertThat(upstream.calls()).isEqualTo(calls + 1);

      await().until(() -> purge(one, "n").body().contains("everywhere"));
      await().until(() -> !status(other.post(asking("brief"), NAMESPACE, "n")).contains("hit"));
      assertThat(status(other.post(asking("m")))).contains("hit");
    } finally {
      redis.close();
    }
  }
}
