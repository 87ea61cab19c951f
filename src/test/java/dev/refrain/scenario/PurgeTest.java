package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
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
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What was purged is asked for anew, here at once and everywhere within a second. */
@ParameterizedClass
@EnumSource(Dialect.class)
class PurgeTest {
  private static final String KEY = "Bearer sk-secret";

  private int asked;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Dialect dialect;

  PurgeTest(Dialect dialect) {
    this.dialect = dialect;
    upstream.play(dialect::answer);
  }

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aModelIsPurgedAndAnotherIsNot() {
    try (Proxy proxy = Proxy.before(upstream)) {
      String other = dialect.asking("x").replace("\"m\"", "\"other\"");
      ask(proxy, other);
      ask(proxy, dialect.asking("x"));
      assertThat(purge(proxy, "", "{\"model\":\"m\"}").body())
          .isEqualTo("{\"purged\":{\"model\":\"m\"},\"reach\":\"here\",\"entries\":1}");

      assertThat(outcome(ask(proxy, other))).contains("hit");
      assertThat(outcome(ask(proxy, dialect.asking("x")))).contains("fwd=uri-miss");
      assertThat(upstream.calls()).isEqualTo(3);
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_cache_purges_total{by=\"model\"} 1.0");
    }
  }

  @Test
  void aCallerIsPurgedByItsCredentialsOrByTheirHashAndNeverShown() {
    try (Proxy proxy = Proxy.before(upstream)) {
      ask(proxy, dialect.asking("x"), "Authorization", KEY);
      ask(proxy, dialect.asking("x"), "Authorization", "Bearer other");
      HttpResponse<String> purged = purge(proxy, "", "{\"authorization\":\"" + KEY + "\"}");
      assertThat(purged.body()).contains("\"scope\":\"").doesNotContain("secret");

      assertThat(outcome(ask(proxy, dialect.asking("x"), "Authorization", "Bearer other")))
          .contains("hit");
      await()
          .until(
              () -> {
                ask(proxy, dialect.asking("x"), "Authorization", KEY);
                return outcome(ask(proxy, dialect.asking("x"), "Authorization", KEY))
                    .contains("hit");
              });
      String scope = purged.body().replaceAll(".*\"scope\":\"(\\w+)\".*", "$1");
      assertThat(purge(proxy, "?scope=" + scope, "").statusCode()).isEqualTo(200);
      assertThat(outcome(ask(proxy, dialect.asking("x"), "Authorization", KEY)))
          .contains("uri-miss");
    }
  }

  @Test
  void aCallerIsPurgedByAFieldThatTheOperatorLetsDivideTheCache() {
    String divided = "cache: {headers: {scope: [x-team]}}";
    try (Proxy proxy = Proxy.before(upstream.url(), "", divided)) {
      ask(proxy, dialect.asking("x"), "X-Team", "a");
      ask(proxy, dialect.asking("x"), "X-Team", "b");

      assertThat(purge(proxy, "", "{\"x-team\":\"a\"}").statusCode()).isEqualTo(200);

      assertThat(outcome(ask(proxy, dialect.asking("x"), "X-Team", "a"))).contains("uri-miss");
      assertThat(outcome(ask(proxy, dialect.asking("x"), "X-Team", "b"))).contains("hit");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void anAnswerThatAPurgeCoversIsNotSaidToBeStored(int n) throws Exception {
    Gate before = new Gate();
    upstream.play(Script.silence().pause(before).then(Script.json(dialect.document("old"))));
    try (Proxy proxy = Proxy.before(upstream);
        RawClient early = proxy.connect()) {
      early.postTo(dialect.path(), several(n));
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
      HttpResponse<String> answer = ask(proxy, several(n));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(outcome(answer)).isEqualTo("refrain; fwd=uri-miss");
    }
  }

  private String several(int n) {
    return dialect.streams()
        ? dialect.asking("x").replace("\"temperature\":0", "\"temperature\":0,\"n\":" + n)
        : dialect.asking("x").replace("\"x\"", Collections.nCopies(n, "\"x\"").toString());
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
    upstream.play(Script.silence().pause(before).then(Script.json(dialect.document("old"))));
    try (Proxy proxy = Proxy.before(upstream);
        RawClient early = proxy.connect();
        RawClient late = proxy.connect();
        RawClient later = proxy.connect()) {
      early.postTo(dialect.path(), dialect.asking("x"));
      before.awaitReached();
      purge(proxy, "", "{\"model\":\"m\"}");
      upstream.play(Script.silence().pause(after).then(Script.json(dialect.document("new"))));
      late.postTo(dialect.path(), dialect.asking("x"));
      after.awaitReached();
      later.postTo(dialect.path(), dialect.asking("x"));
      await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
      before.open();
      assertThat(dialect.text(early.answer().text())).isEqualTo("old");
      after.open();
      assertThat(dialect.text(late.answer().text())).isEqualTo("new");
      assertThat(dialect.text(later.answer().text())).isEqualTo("new");
      assertThat(upstream.calls()).isEqualTo(2);
      assertThat(dialect.text(ask(proxy, dialect.asking("x")).body())).isEqualTo("new");
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
      early.postTo(dialect.path(), dialect.asking("y"));
      before.awaitReached();
      await().until(() -> purge(one, "", "{\"all\":true}").body().contains("everywhere"));
      await().until(() -> !hit(other, "x"));

      upstream.play(request -> onlyY(request, after, "new"));
      late.postTo(dialect.path(), dialect.asking("y"));
      after.awaitReached();
      int calls = upstream.calls();
      later.postTo(dialect.path(), dialect.asking("y"));
      await().until(() -> one.manage("/metrics").body().contains("refrain_flights 1.0"));
      before.open();
      assertThat(dialect.text(early.answer().text())).isEqualTo("old");
      after.open();
      assertThat(dialect.text(late.answer().text())).isEqualTo("new");
      assertThat(dialect.text(later.answer().text())).isEqualTo("new");
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
        another.postTo(dialect.path(), dialect.asking("agreed " + asked++)).answer().text();
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

  private Script onlyY(Received request, Gate gate, String text) {
    return dialect.question(request).equals("y")
        ? Script.silence().pause(gate).then(Script.json(dialect.document(text)))
        : dialect.answer(request);
  }

  private HttpResponse<String> ask(Proxy proxy, String body, String... headers) {
    return proxy.postTo(dialect.path(), body, headers);
  }

  private boolean hit(Proxy proxy, String prompt) {
    return outcome(ask(proxy, dialect.asking(prompt))).contains("; hit");
  }

  private static HttpResponse<String> purge(Proxy proxy, String query, String body) {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/cache/purge" + query);
    return proxy.send(HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString(body)).build());
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
