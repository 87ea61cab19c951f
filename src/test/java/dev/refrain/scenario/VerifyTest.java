package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.testing.Proxy;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stored answers are compared with new ones, and an upstream that drifts is found out. */
class VerifyTest {
  private static final String COMPLETION =
      "{\"model\":\"m\",\"prompt\":\"Sing\",\"temperature\":0,\"max_tokens\":8}";
  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Sing\"}],\"temperature\":0}";

  private final Vertx vertx = Vertx.vertx();
  private final SimulatedUpstream upstream =
      SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)).await();
  private Proxy proxy;

  @AfterEach
  void stop() {
    proxy.close();
    vertx.close().await();
  }

  private void verifying(String others) {
    proxy =
        Proxy.before(
            "http://127.0.0.1:" + upstream.port(), "", "cache: {verify: {share: 1" + others + "}}");
  }

  @Test
  void anAnswerThatStillHoldsIsCountedAsTheSame() {
    verifying("");
    String first = proxy.post(COMPLETION).body();
    assertThat(proxy.post(COMPLETION).body()).isEqualTo(first);

    counted(
        "refrain_verifications_total{endpoint=\"completions\",model=\"m\",outcome=\"same\"} 1.0");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(health()).contains("\"problems\":[]");
  }

  @Test
  void anUpstreamThatDriftsIsNamedInMetricsAndProblems() {
    verifying("");
    String first = proxy.postTo("/v1/chat/completions", CHAT).body();
    upstream.drift();
    assertThat(proxy.postTo("/v1/chat/completions", CHAT).body()).isEqualTo(first);

    counted("refrain_verifications_total{endpoint=\"chat\",model=\"m\",outcome=\"different\"} 1.0");
    counted("refrain_answer_changes_total{field=\"system_fingerprint\"} 1.0");
    counted("refrain_answer_changes_total{field=\"model\"} 0.0");
    assertThat(health()).contains("answers_drift");
    assertThat(proxy.postTo("/v1/chat/completions", CHAT).body())
        .as("not replaced")
        .isEqualTo(first);
  }

  @Test
  void theNewAnswerReplacesTheStoredOneWhereThatIsWanted() {
    verifying(", replace: true");
    String first = proxy.post(COMPLETION).body();
    upstream.drift();
    assertThat(proxy.post(COMPLETION).body()).isEqualTo(first);

    await().until(() -> !proxy.post(COMPLETION).body().equals(first));
  }

  @Test
  void aChangedNamePurgesTheModelWhereThatIsWanted() {
    verifying(", purgeOnChange: true");
    String first = proxy.post(COMPLETION).body();
    upstream.drift();
    assertThat(proxy.post(COMPLETION).body()).isEqualTo(first);

    counted("refrain_cache_purges_total{by=\"model\"} 1.0");
    assertThat(proxy.post(COMPLETION).body()).isNotEqualTo(first);
  }

  private String health() {
    return proxy.manage("/health").body();
  }

  private void counted(String line) {
    await().until(() -> proxy.manage("/metrics").body().contains("\n" + line));
  }
}
