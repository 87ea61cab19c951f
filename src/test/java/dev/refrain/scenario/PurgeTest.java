package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was purged is asked for anew, here at once and everywhere within a second. */
class PurgeTest {
  private static final String KEY = "Bearer sk-secret";

  private int asked;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aModelIsPurgedAndAnotherIsNot() {
    try (Proxy proxy = Proxy.before(upstream)) {
      proxy.post(Examples.REQUEST);
      proxy.post(Examples.asking("x"));
      assertThat(purge(proxy, "", "{\"model\":\"m\"}").body())
          .isEqualTo("{\"purged\":{\"model\":\"m\"},\"reach\":\"here\",\"entries\":1}");

      assertThat(outcome(proxy.post(Examples.REQUEST))).contains("hit");
      assertThat(outcome(proxy.post(Examples.asking("x")))).contains("fwd=uri-miss");
      assertThat(upstream.calls()).isEqualTo(3);
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_cache_purges_total{by=\"model\"} 1.0");
    }
  }

  @Test
  void aCallerIsPurgedByItsCredentialsOrByTheirHashAndNeverShown() {
    try (Proxy proxy = Proxy.before(upstream)) {
      proxy.post(Examples.asking("x"), "Authorization", KEY);
      proxy.post(Examples.asking("x"), "Authorization", "Bearer other");
      HttpResponse<String> purged = purge(proxy, "", "{\"authorization\":\"" + KEY + "\"}");
      assertThat(purged.body()).contains("\"scope\":\"").doesNotContain("secret");

      assertThat(outcome(proxy.post(Examples.asking("x"), "Authorization", "Bearer other")))
          .contains("hit");
      await()
          .until(
              () -> {
                proxy.post(Examples.asking("x"), "Authorization", KEY);
                return outcome(proxy.post(Examples.asking("x"), "Authorization", KEY))
                    .contains("hit");
              });
      String scope = purged.body().replaceAll(".*\"scope\":\"(\\w+)\".*", "$1");
      assertThat(purge(proxy, "?scope=" + scope, "").statusCode()).isEqualTo(200);
      assertThat(outcome(proxy.post(Examples.asking("x"), "Authorization", KEY)))
          .contains("uri-miss");
    }
  }

  @Test
  void aCallerIsPurgedByAFieldThatTheOperatorLetsDivideTheCache() {
    String divided = "cache: {headers: {scope: [x-team]}}";
    try (Proxy proxy = Proxy.before(upstream.url(), "", divided)) {
      proxy.post(Examples.asking("x"), "X-Team", "a");
      proxy.post(Examples.asking("x"), "X-Team", "b");

      assertThat(purge(proxy, "", "{\"x-team\":\"a\"}").statusCode()).isEqualTo(200);

      assertThat(outcome(proxy.post(Examples.asking("x"), "X-Team", "a"))).contains("uri-miss");
      assertThat(outcome(proxy.post(Examples.asking("x"), "X-Team", "b"))).contains("hit");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anAnswerThatAPurgeCoversIsNotSaidToBeStored(int n) throws Exception {
    Gate before = new Gate();
    upstream.play(Script.silence().pause(before).then(Script.json(told("old"))));
    try (Proxy proxy = Proxy.before(upstream);
        RawClient early = proxy.connect()) {
      early.post(several(n));
      before.awaitReached();
      purge(proxy, "", "{\"all\":true}");
      before.open();
      assertThat(early.answer().head().first("Cache-Status")).hasValue("refrain; fwd=uri-miss");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anAnswerThatIsTooLargeIsNotSaidToBeStored(int n) {
    try (Proxy proxy = Proxy.before(upstream.url(), "", "cache: {maxEntry: 10}")) {
      HttpResponse<String> answer = proxy.post(several(n));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(outcome(answer)).isEqualTo("refrain; fwd=uri-miss");
    }
  }

  private static String several(int n) {
    return Examples.asking("x").replace("\"temperature\":0", "\"temperature\":0,\"n\":" + n);
  }

  @Test
  void aPurgeHoldsOnAllReplicasWithinASecond() {
    RedisFixture redis = new RedisFixture();
    String shared = "cache: {redis: {url: \"" + redis.url() + "\", timeout: 1s}}";
    try (Proxy one = Proxy.before(upstream.url(), "", shared);
        Proxy other = Proxy.before(upstream.url(), "", shared)) {
      // The second may have it from the first: from memory and from Redis it must go.
      await().until(() -> hit(one, "x") && hit(other, "x") && hit(one, "y"));
      await().until(() -> purge(one, "", "{\"all\":true}").body().contains("everywhere"));

      assertThat(hit(one, "x")).isFalse();
      await().atMost(Duration.ofSeconds(10)).until(() -> !hit(other, "x"));
      try (Proxy late = Proxy.before(upstream.url(), "", shared)) {
        assertThat(hit(late, "y")).isFalse();
      }
      await().until(() -> hit(other, "x") && hit(one, "x"));
    } finally {
      redis.close();
    }
  }

  @Test
  void whoComesAfterAPurgeDoesNotJoinACallBegunBeforeIt() throws Exception {
    Gate before = new Gate();
    Gate after = new Gate();
    upstream.play(Script.silence().pause(before).then(Script.json(told("old"))));
    try (Proxy proxy = Proxy.before(upstream);
        RawClient early = proxy.connect();
        RawClient late = proxy.connect();
        RawClient later = proxy.connect()) {
      early.post(Examples.asking("x"));
      before.awaitReached();
      purge(proxy, "", "{\"model\":\"m\"}");
      upstream.play(Script.silence().pause(after).then(Script.json(told("new"))));
      late.post(Examples.asking("x"));
      after.awaitReached();
      later.post(Examples.asking("x"));
      await().until(() -> proxy.manage("/metrics").body().contains("refrain_collapsed_total 1.0"));
      before.open();
      assertThat(Examples.text(early.answer().text())).isEqualTo("old");
      after.open();
      assertThat(Examples.text(late.answer().text())).isEqualTo("new");
      assertThat(Examples.text(later.answer().text())).isEqualTo("new");
      assertThat(upstream.calls()).isEqualTo(2);
      assertThat(Examples.text(proxy.post(Examples.asking("x")).body())).isEqualTo("new");
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_flights_completed_total{outcome=\"purged\"} 1.0");
    }
  }

  @Test
  void norDoesWhoComesToAnotherReplica() throws Exception {
    Gate before = new Gate();
    Gate after = new Gate();
    RedisFixture redis = new RedisFixture();
    String shared = "cache: {redis: {url: \"" + redis.url() + "\", timeout: 1s}}";
    try (Proxy one = Proxy.before(upstream.url(), "", shared);
        Proxy other = Proxy.before(upstream.url(), "", shared);
        RawClient early = one.connect();
        RawClient late = other.connect();
        RawClient later = one.connect()) {
      await().until(() -> hit(one, "x") && hit(other, "x"));
      await().until(() -> agrees(one) && agrees(other));
      upstream.play(request -> onlyY(request, before, "old"));
      early.post(Examples.asking("y"));
      before.awaitReached();
      await().until(() -> purge(one, "", "{\"all\":true}").body().contains("everywhere"));
      await().until(() -> !hit(other, "x"));

      upstream.play(request -> onlyY(request, after, "new"));
      late.post(Examples.asking("y"));
      after.awaitReached();
      int calls = upstream.calls();
      later.post(Examples.asking("y"));
      await().until(() -> one.manage("/metrics").body().contains("refrain_flights 1.0"));
      before.open();
      assertThat(Examples.text(early.answer().text())).isEqualTo("old");
      after.open();
      assertThat(Examples.text(late.answer().text())).isEqualTo("new");
      assertThat(Examples.text(later.answer().text())).isEqualTo("new");
      assertThat(upstream.calls()).isEqualTo(calls);
    } finally {
      redis.close();
    }
  }

  /** Whether each event loop agrees with the other replicas on who calls. */
  private boolean agrees(Proxy proxy) throws Exception {
    String before = failedOpen(proxy);
    for (int i = 0; i < 4; i++) {
      try (RawClient another = proxy.connect()) {
        another.post(Examples.asking("agreed " + asked++)).answer().text();
      }
    }
    return failedOpen(proxy).equals(before);
  }

  private static String failedOpen(Proxy proxy) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("refrain_fleet_total{outcome=\"failed_open"))
        .toList()
        .toString();
  }

  private static Script onlyY(Received request, Gate gate, String text) {
    return request.json().path("prompt").asText().equals("y")
        ? Script.silence().pause(gate).then(Script.json(told(text)))
        : Examples.answer(request);
  }

  private static String told(String text) {
    return Examples.ANSWER.replace("\\n\\nThis is indeed a test", text);
  }

  private static boolean hit(Proxy proxy, String prompt) {
    return outcome(proxy.post(Examples.asking(prompt))).contains("; hit");
  }

  private static HttpResponse<String> purge(Proxy proxy, String query, String body) {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/cache/purge" + query);
    return proxy.send(HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build());
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
