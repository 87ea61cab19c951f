package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A limit is that of the fleet. An answer costs so much that nothing of it comes back meanwhile.
 */
@Timeout(60)
class KeyFleetTest {
  private static final String SECRET = "secret-of-who-spends";
  private static final String PAYS = "secret-of-who-pays-for-it";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final RedisFixture redis = new RedisFixture();
  private final Proxy one = replica();
  private final Proxy other = replica();

  private Proxy replica() {
    return Proxy.before(
        upstream.url(),
        "",
        """
        cache: {redis: {url: "%s"}}
        keys:
          - {name: spends, secret: %s, tokensPerMinute: 1}
          - {name: pays, secret: %s, budget: {month: 1}}
        metrics: {prices: [{model: "*", prompt: 1000000, completion: 1000000}]}
        """
            .formatted(redis.url(), SECRET, PAYS));
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    other.close();
    redis.close();
    upstream.close();
  }

  @Test
  void whatWasSpentAtOneReplicaIsNotLeftAtAnother() {
    assertThat(ask(one, "first").statusCode()).isEqualTo(200);
    await().atMost(Duration.ofSeconds(20)).until(() -> left(other).equals("0"));
    int calls = upstream.calls();

    HttpResponse<String> refused = ask(other, "second");
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    assertThat(Json.read(refused.body()).at("/error/type").asText()).isEqualTo("tokens");
    assertThat(ask(other, "first").statusCode()).as("what is kept costs nothing").isEqualTo(200);
    assertThat(upstream.calls()).isEqualTo(calls);
  }

  @Test
  void whatWasPaidAtOneReplicaIsSpentAtAnother() {
    assertThat(one.post(Examples.asking("first"), "api-key", PAYS).statusCode()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> other.manage("/savings").body().contains("\"remaining\":0"));

    HttpResponse<String> refused = other.post(Examples.asking("second"), "api-key", PAYS);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    assertThat(refused.body()).contains("insufficient_quota", "for the month, 1 USD,");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private static HttpResponse<String> ask(Proxy replica, String prompt) {
    return replica.post(Examples.asking(prompt), "api-key", SECRET);
  }

  private static String left(Proxy replica) {
    return replica
        .send(replica.request("/v1/models", "api-key", SECRET).build())
        .headers()
        .firstValue("x-ratelimit-remaining-tokens")
        .orElseThrow();
  }
}
