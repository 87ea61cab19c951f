package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Rules and namespaces where two replicas share a Redis and callers have keys: on each endpoint,
 * plain and streamed. Each test has texts and models of its own, so that all share the replicas.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RulesFleetTest {
  private static final String SECRET = "secret-of-the-tenant-";
  private static final String NAMESPACE = "X-Refrain-Namespace";
  private static final String SETTINGS =
      """
      cache:
        redis: {url: "%s", timeout: 5s}
        rules:
          - {name: bench, when: {header: {User-Agent: "*bench*"}}, cache: off}
          - {name: named, when: {model: [gpt-5-named]}, cache: on, namespace: rule-made}
          - {name: frontier, when: {model: ["gpt-5*"], temperature: absent}, cache: on}
          - {name: cool, when: {temperature: {atMost: 0.01}}, cache: on, ttl: 1h}
          - {name: seeded, when: {seed: present}, cache: on}
          - {name: ci, when: {tenant: ["ci-*"]}, cache: on}
      keys:
        - {name: a, secret: %sa, tenant: ci-1}
        - {name: b, secret: %sb, tenant: ci-1}
        - {name: c, secret: %sc, tenant: web}
      """;

  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(request -> Dialect.of(request).answer(request));
  private final Proxy one = replica();
  private final Proxy other = replica();
  private int texts;

  private Proxy replica() {
    return Proxy.before(
        upstream.url(),
        "apiKey: of-the-operator",
        SETTINGS.formatted(redis.url(), SECRET, SECRET, SECRET));
  }

  @AfterAll
  void stop() throws Exception {
    one.close();
    other.close();
    upstream.close();
    redis.close();
  }

  static Stream<Arguments> each() {
    return Stream.of(
        Arguments.of(Dialect.COMPLETIONS, false),
        Arguments.of(Dialect.COMPLETIONS, true),
        Arguments.of(Dialect.CHAT, false),
        Arguments.of(Dialect.CHAT, true),
        Arguments.of(Dialect.EMBEDDINGS, false));
  }

  static Stream<Arguments> drawing() {
    return each().filter(arguments -> arguments.get()[0] != Dialect.EMBEDDINGS);
  }

  /** A request with a text of its own; the members stand in the place of the temperature. */
  private String body(Dialect dialect, boolean stream, String model, String members) {
    String further = (stream ? ",\"stream\":true" : "") + (members.isEmpty() ? "" : "," + members);
    return dialect
        .asking("text " + texts++)
        .replace(",\"temperature\":0}", "}")
        .replace("\"model\":\"m\"", "\"model\":\"" + model + "\"" + further);
  }

  private static String status(
      Proxy replica, Dialect dialect, String body, String key, String... headers) {
    String[] all =
        Stream.concat(Stream.of("api-key", SECRET + key), Stream.of(headers))
            .toArray(String[]::new);
    HttpResponse<String> response = replica.postTo(dialect.path(), body, all);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private void isShared(Dialect dialect, String body, String rule) {
    int before = upstream.calls();
    assertThat(status(one, dialect, body, "c"))
        .startsWith("refrain; fwd=uri-miss")
        .endsWith("; rule=" + rule);
    await()
        .untilAsserted(
            () ->
                assertThat(status(other, dialect, body, "c"))
                    .startsWith("refrain; hit; ttl=")
                    .endsWith("; rule=" + rule));
    assertThat(upstream.calls()).isEqualTo(before + 1);
  }

  @ParameterizedTest
  @MethodSource("each")
  void whatARuleStoresIsStoredForBothReplicas(Dialect dialect, boolean stream) {
    isShared(dialect, body(dialect, stream, "gpt-5-mini", ""), "frontier");
    if (dialect.streams()) { // embeddings have neither
      isShared(dialect, body(dialect, stream, "m", "\"temperature\":0.01"), "cool");
      isShared(dialect, body(dialect, stream, "m", "\"seed\":7"), "seeded");
    }
  }

  @ParameterizedTest
  @MethodSource("each")
  void whatARuleForbidsIsStoredForNone(Dialect dialect, boolean stream) {
    String body = body(dialect, stream, "gpt-5", "");
    int before = upstream.calls();
    for (Proxy replica : new Proxy[] {one, other, one}) {
      String[] bench = {"User-Agent", "a bench", "X-Refrain-Cache", "force"};
      assertThat(status(replica, dialect, body, "c", bench))
          .isEqualTo("refrain; fwd=bypass; detail=disabled; rule=bench");
    }
    assertThat(upstream.calls()).isEqualTo(before + 3);
    isShared(dialect, body, "frontier");
  }

  @ParameterizedTest
  @MethodSource("each")
  void aNamespaceIsTheSameAtBothReplicas(Dialect dialect, boolean stream) {
    String body = body(dialect, stream, "gpt-5-named", "");
    isShared(dialect, body, "named");
    assertThat(status(other, dialect, body, "c", NAMESPACE, "rule-made")).contains("; hit;");
    int before = upstream.calls();
    assertThat(status(one, dialect, body, "c", NAMESPACE, "n")).contains("uri-miss");
    await().until(() -> status(other, dialect, body, "c", NAMESPACE, "n").contains("; hit;"));
    assertThat(status(other, dialect, body, "a", NAMESPACE, "n"))
        .as("of another tenant")
        .contains("uri-miss");
    assertThat(upstream.calls()).isEqualTo(before + 2);
  }

  @ParameterizedTest
  @MethodSource("drawing")
  void aRuleForATenantAppliesToItsKeysAlone(Dialect dialect, boolean stream) {
    String body = body(dialect, stream, "m", "\"temperature\":1");
    int before = upstream.calls();
    assertThat(status(one, dialect, body, "a")).contains("uri-miss").endsWith("; rule=ci");
    await()
        .untilAsserted(
            () ->
                assertThat(status(other, dialect, body, "b"))
                    .contains("; hit;")
                    .endsWith("; rule=ci"));
    assertThat(upstream.calls()).isEqualTo(before + 1);
    assertThat(status(one, dialect, body, "c")).isEqualTo("refrain; fwd=bypass; detail=sampled");
    assertThat(status(other, dialect, body, "c")).isEqualTo("refrain; fwd=bypass; detail=sampled");
    assertThat(upstream.calls()).isEqualTo(before + 3);
  }

  @Test
  void anEmbeddingIsSharedByAllKeysOfATenantAndNoOther() {
    String body = body(Dialect.EMBEDDINGS, false, "m", "");
    int before = upstream.calls();
    assertThat(status(one, Dialect.EMBEDDINGS, body, "a"))
        .contains("uri-miss")
        .endsWith("; rule=ci");
    await().until(() -> status(other, Dialect.EMBEDDINGS, body, "b").contains("; hit;"));
    assertThat(status(other, Dialect.EMBEDDINGS, body, "c"))
        .contains("uri-miss")
        .doesNotContain("rule=");
    assertThat(upstream.calls()).isEqualTo(before + 2);
  }
}
