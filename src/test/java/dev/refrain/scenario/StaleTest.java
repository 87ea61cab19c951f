package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** A stale answer is served where the operator allows it, and says so. */
@ParameterizedClass
@EnumSource(Dialect.class)
class StaleTest {
  private final Dialect dialect;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());

  StaleTest(Dialect dialect) {
    this.dialect = dialect;
    upstream.play(dialect::answer);
  }

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void aStaleAnswerStandsInForAnUpstreamThatIsGone() throws Exception {
    try (Proxy proxy = with("staleIfError: 1h")) {
      // An answer that takes longer than its ttl, as the first one may, is not stored.
      await().until(() -> outcome(ask(proxy)).contains("hit"));
      upstream.close();
      await()
          .untilAsserted(
              () ->
                  assertThat(outcome(proxy.postTo(dialect.path(), inAnotherFraming())))
                      .matches("refrain; fwd=stale; ttl=-\\d+; detail=stale-if-error"));
      HttpResponse<String> stale = ask(proxy);
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.body()).isEqualTo(dialect.document(Dialect.TEXT));
      assertThat(stale.headers().firstValue("Age")).isPresent();
      assertThat(ask(proxy, "Cache-Control", "no-cache").statusCode()).isEqualTo(502);
      assertThat(proxy.postTo(dialect.path(), dialect.asking("never asked")).statusCode())
          .isEqualTo(502);
    }
  }

  @Test
  void aStaleAnswerIsServedWhileANewOneIsMade() {
    try (Proxy proxy = with("staleWhileRevalidate: 1h")) {
      await().until(() -> outcome(ask(proxy)).contains("hit"));
      upstream.play(Script.json(dialect.document("again")));
      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> answer = ask(proxy);
                assertThat(outcome(answer)).matches("refrain; hit; ttl=-\\d+; detail=memory");
                assertThat(answer.body()).contains("indeed");
              });
      await().until(() -> ask(proxy).body().contains("again"));
      assertThat(proxy.manage("/metrics").body())
          .contains("refrain_cache_stale_total{reason=\"revalidating\"}");
    }
  }

  private HttpResponse<String> ask(Proxy proxy, String... headers) {
    return proxy.postTo(dialect.path(), dialect.asking("x"), headers);
  }

  private String inAnotherFraming() {
    return dialect.streams() ? dialect.streaming("x") : dialect.asking("x");
  }

  private Proxy with(String setting) {
    return Proxy.before(upstream.url(), "", "cache: {ttl: 300ms, " + setting + "}");
  }

  private static String outcome(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
