package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stale answer is served where the operator allows it, and says so. */
class StaleTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aStaleAnswerStandsInForAnUpstreamThatIsGone() throws Exception {
    try (Proxy proxy = with("staleIfError: 1h")) {
      String made = proxy.post(Examples.REQUEST).body();
      upstream.close();
      await()
          .untilAsserted(
              () ->
                  assertThat(outcome(proxy.post(Examples.streaming())))
                      .matches("refrain; fwd=stale; ttl=-\\d+; detail=stale-if-error"));
      HttpResponse<String> stale = proxy.post(Examples.REQUEST);
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.body()).isEqualTo(made);
      assertThat(stale.headers().firstValue("Age")).isPresent();
      assertThat(proxy.post(Examples.REQUEST, "Cache-Control", "no-cache").statusCode())
          .isEqualTo(502);
      assertThat(proxy.post(Examples.asking("never asked")).statusCode()).isEqualTo(502);
    }
  }

  @Test
  void aStaleAnswerIsServedWhileANewOneIsMade() {
    try (Proxy proxy = with("staleWhileRevalidate: 1h")) {
      proxy.post(Examples.REQUEST);
      upstream.play(Script.json(Examples.ANSWER.replace("indeed", "again")));
      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> answer = proxy.post(Examples.REQUEST);
                assertThat(outcome(answer)).matches("refrain; hit; ttl=-\\d+; detail=memory");
                assertThat(answer.body()).contains("indeed");
              });
      await().until(() -> proxy.post(Examples.REQUEST).body().contains("again"));
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_cache_stale_total{reason=\"revalidating\"}");
    }
  }

  private Proxy with(String setting) {
    return Proxy.before(upstream.url(), "", "cache: {ttl: 300ms, " + setting + "}");
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
