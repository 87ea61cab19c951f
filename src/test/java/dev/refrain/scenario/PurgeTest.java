package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was purged is asked for anew, here at once and everywhere within a second. */
class PurgeTest {
  private static final String KEY = "Bearer sk-secret";

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
          .isEqualTo("{\"purged\":{\"model\":\"m\"},\"reach\":\"here\"}");

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
  void aPurgeHoldsOnAllReplicasWithinASecond() {
    RedisFixture redis = new RedisFixture();
    String shared = "cache: {redis: {url: \"" + redis.url() + "\", timeout: 1s}}";
    try (Proxy one = Proxy.before(upstream.url(), "", shared);
        Proxy other = Proxy.before(upstream.url(), "", shared)) {
      // The second may have it from the first: from memory and from Redis it must go.
      await().until(() -> hit(one, "x") && hit(other, "x") && hit(one, "y"));
      await().until(() -> purge(one, "", "{\"all\":true}").body().contains("everywhere"));

      assertThat(hit(one, "x")).isFalse();
      await().atMost(Duration.ofSeconds(1)).until(() -> !hit(other, "x"));
      try (Proxy late = Proxy.before(upstream.url(), "", shared)) {
        assertThat(hit(late, "y")).isFalse();
      }
      await().until(() -> hit(other, "x") && hit(one, "x"));
    } finally {
      redis.close();
    }
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
