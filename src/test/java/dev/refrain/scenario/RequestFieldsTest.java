package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What travels upstream and can change the answer, or says who asks, divides the cache. */
@Timeout(60)
class RequestFieldsTest {
  private static final String ASKED = Examples.asking("x");

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  static Stream<String> dividing() {
    return Stream.of(
        "x-portkey-custom-host",
        "x-portkey-config",
        "x-portkey-provider",
        "Helicone-Target-URL",
        "Helicone-Cache-Enabled",
        "x-litellm-tags",
        "X-Forwarded-Host",
        "X-Forwarded-Prefix",
        "X-Original-Host",
        "Accept-Language",
        "OpenAI-Beta",
        "anthropic-version",
        "cf-aig-cache-key",
        "X-User-Id",
        "X-Forwarded-User",
        "X-Tenant",
        "X-Model-Override",
        "x-envoy-original-dst-host",
        "Prefer",
        "X-Nobody-Knows",
        "Cookie",
        "apikey",
        "x-portkey-api-key",
        "x-portkey-virtual-key",
        "x-litellm-api-key",
        "cf-aig-authorization",
        "CF-Access-Client-Secret",
        "Cf-Access-Jwt-Assertion",
        "Helicone-Auth",
        "X-Auth-Token",
        "X-Access-Token",
        "X-Amz-Security-Token",
        "X-Api-Key",
        "X-Session-Id",
        "X-Hub-Signature",
        "X-Forwarded-Client-Cert",
        "X-Stainless-Auth-Token",
        "X-Vault-Password");
  }

  @ParameterizedTest
  @MethodSource("dividing")
  void aFieldThatCountsIsNotServedFromACallWithoutItNorWithAnotherValue(String name) {
    upstream.play(request -> echoing(request, name));

    assertThat(answered(name, "one")).isEqualTo("one");
    assertThat(answered()).isEqualTo("null");
    assertThat(answered(name, "two")).isEqualTo("two");
    assertThat(answered(name, "one", name, "two")).isIn("one,two", "one; two");
    assertThat(upstream.calls()).isEqualTo(4);
    assertThat(answered(name.toUpperCase(Locale.ROOT), "one")).isEqualTo("one");
    assertThat(upstream.calls()).as("the same again").isEqualTo(4);
  }

  private String answered(String... headers) {
    return Examples.text(proxy.post(ASKED, headers).body());
  }

  private static Script echoing(Received request, String name) {
    return Script.json(
        Examples.ANSWER.replace("\\n\\nThis is indeed a test", "" + header(request, name)));
  }

  private static String header(Received request, String name) {
    List<String> values = request.head().all(name);
    return values.isEmpty() ? null : String.join(",", values);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void whatOneReplicaStoredIsServedByAnotherToTheSameFieldsAlone(Version version) throws Exception {
    try (RedisFixture redis = new RedisFixture();
        Proxy one = replica(redis);
        Proxy other = replica(redis)) {
      ask(one, version, "X-Auth-Token", "mine", "OpenAI-Beta", "b");
      int calls = upstream.calls();

      assertThat(ask(one, version, "X-Auth-Token", "bad", "OpenAI-Beta", "b")).contains("miss");
      assertThat(ask(other, version, "OpenAI-Beta", "b")).contains("miss");
      assertThat(ask(other, version, "X-Auth-Token", "mine")).contains("miss");
      assertThat(ask(other, version, "X-Auth-Token", "mine", "OpenAI-Beta", "b", "CF-Ray", "1"))
          .contains("hit");
      assertThat(upstream.calls()).isEqualTo(calls + 3);
    }
  }

  private Proxy replica(RedisFixture redis) {
    return Proxy.before(
        upstream.url(),
        "",
        "cache: {redis: {url: '%s', timeout: 3s, connectTimeout: 3s}}".formatted(redis.url()));
  }

  private static String ask(Proxy proxy, Version version, String... headers)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .version(version)
            .build()
            .send(
                proxy
                    .request("/v1/completions", headers)
                    .POST(BodyPublishers.ofString(ASKED))
                    .build(),
                BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(version);
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "Range, bytes=0-10",
    "If-None-Match, \"v1\"",
    "If-Modified-Since, 'Sat, 28 Nov 2026 12:00:00 GMT'",
    "X-HTTP-Method-Override, PUT",
    "X-Method-Override, DELETE",
    "X-Original-URL, /v1/other",
    "X-Rewrite-URL, /v1/other"
  })
  void aFieldThatMakesAnotherRequestOfItGoesAloneAndUntouched(String name, String value) {
    for (String body : List.of(ASKED, ASKED.replace("}", ",\"n\":2}"))) {
      int before = upstream.calls();
      assertThat(proxy.post(body, name, value).headers().firstValue("Cache-Status"))
          .contains("refrain; fwd=bypass; detail=header");
      assertThat(header(upstream.last(), name)).isEqualTo(value);
      assertThat(upstream.last().text()).isEqualTo(body);
      assertThat(upstream.calls()).isEqualTo(before + 1);
    }
    assertThat(proxy.manage("/metrics").body())
        .containsPattern("refrain_bypass_total\\{[^}]*reason=\"header\"[^}]*\\} 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"api-version=1", "api_key=a", "key=a", "access_token=a", "x=1&code=a"})
  void aQueryDividesTheCache(String query) {
    askWith("");
    askWith("?" + query);
    askWith("?" + query + "2");
    assertThat(upstream.calls()).isEqualTo(3);
    askWith("?" + query);
    assertThat(upstream.calls()).isEqualTo(3);
  }

  private void askWith(String query) {
    proxy.send(
        proxy.request("/v1/completions" + query).POST(BodyPublishers.ofString(ASKED)).build());
  }

  @Test
  void theOperatorSaysOtherwise() {
    set("", "cache: {headers: {ignore: [X-Tags-*, cookie], key: [user-agent], scope: [X-TEAM]}}");
    proxy.post(ASKED, "x-tags-a", "1", "Cookie", "a=b", "User-Agent", "u", "X-Team", "red");
    proxy.post(ASKED, "x-tags-b", "2", "Cookie", "c=d", "User-Agent", "u", "X-Team", "red");
    assertThat(upstream.calls()).as("ignored").isEqualTo(1);

    proxy.post(ASKED, "User-Agent", "v", "X-Team", "red");
    proxy.post(ASKED, "User-Agent", "u", "X-Team", "blue");
    assertThat(upstream.calls()).as("in the key, and in the scope").isEqualTo(3);
  }

  @Test
  void whereAnUpstreamTakesNoCredentialsTheyNeitherTravelNorCount() {
    set("credentials: none", "");
    String[][] callers = {
      {},
      {"Authorization", "Bearer EMPTY"},
      {"Authorization", "Bearer k", "Cookie", "a=b", "OpenAI-Organization", "o"},
      {"api-key", "k", "X-Auth-Token", "t"}
    };
    for (String[] caller : callers) {
      proxy.post(ASKED, caller);
      proxy.post(Examples.sampling("x"), caller);
      assertThat(List.of("authorization", "cookie", "api-key", "x-auth-token"))
          .allSatisfy(name -> assertThat(header(upstream.last(), name)).isNull());
    }
    askWith("?api_key=mine");
    assertThat(upstream.calls()).as("one, and those that are sampled").isEqualTo(5);

    proxy.send(
        proxy
            .request("/v1/completions?api_key=mine&v=1", "Idempotency-Key", "i")
            .POST(BodyPublishers.ofString(ASKED))
            .build());
    assertThat(upstream.last().head().target()).isEqualTo("/v1/completions?v=1");
    assertThat(header(upstream.last(), "idempotency-key")).isEqualTo("i");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/v1/rerank?api_key=mine"})
  void norDoTheyTravelWithWhatIsNoCompletion(String path) {
    set("credentials: none", "");
    proxy.send(proxy.request(path, "Authorization", "Bearer mine", "Cookie", "a=b").build());

    assertThat(header(upstream.last(), "authorization")).isNull();
    assertThat(header(upstream.last(), "cookie")).isNull();
    assertThat(upstream.last().head().target()).doesNotContain("mine");
  }

  @Test
  void aKeyOfTheUpstreamTravelsInTheirPlace() {
    set("credentials: none, apiKey: ours", "");
    proxy.post(ASKED, "Authorization", "Bearer a");
    proxy.post(ASKED, "Authorization", "Bearer b", "X-Auth-Token", "c");

    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(header(upstream.last(), "authorization")).isEqualTo("Bearer ours");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Authorization", "Cookie", "x-portkey-api-key", "x-portkey-config"})
  void aListOfModelsIsForThoseWhoSendTheSame(String name) {
    upstream.play(
        request ->
            Script.json(
                "{\"object\":\"list\",\"data\":[{\"id\":\"m-%s\"}]}"
                    .formatted(header(request, name))));

    assertThat(models(name, "one")).contains("m-one");
    assertThat(models(name, "two")).contains("m-two");
    assertThat(models()).contains("m-null");
    assertThat(models(name, "one", "User-Agent", "another")).contains("m-one");
    assertThat(upstream.calls()).isEqualTo(3);
  }

  private String models(String... headers) {
    return proxy.send(proxy.request("/v1/models", headers).build()).body();
  }

  private void set(String ofUpstream, String others) {
    proxy.close();
    proxy = Proxy.before(upstream.url(), ofUpstream, others);
  }
}
