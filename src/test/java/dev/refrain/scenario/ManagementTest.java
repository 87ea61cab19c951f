package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.ScriptedUpstream;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the operator sees is what happened. */
class ManagementTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void aRunningProxyIsLiveAndReady() {
    assertThat(proxy.manage("/health/live").statusCode()).isEqualTo(200);
    assertThat(proxy.manage("/health/ready").statusCode()).isEqualTo(200);
    assertThat(proxy.manage("/nowhere").statusCode()).isEqualTo(404);
  }

  @Test
  void theApiIsNotOnTheManagementPort() throws Exception {
    try (RawClient client = new RawClient(proxy.managementPort())) {
      assertThat(client.post(Examples.asking("elsewhere")).answer().status()).isEqualTo(404);
    }
  }

  @Test
  void theCountersTellWhatWasAskedPaidAndSaved() {
    proxy.post(Examples.REQUEST);
    proxy.post(Examples.REQUEST);
    proxy.post(Examples.streaming());
    proxy.post(Examples.sampling("x"));
    proxy.post("[]");

    assertThat(sum("refrain_requests_total", "")).isEqualTo(5);
    assertThat(sum("refrain_requests_total", "status=\"4xx\"")).isEqualTo(1);
    assertThat(sum("refrain_cache_lookups_total", "outcome=\"hit\"")).isEqualTo(2);
    assertThat(sum("refrain_cache_lookups_total", "outcome=\"miss\"")).isEqualTo(1);
    assertThat(sum("refrain_bypass_total", "sampled")).isEqualTo(1);
    assertThat(sum("refrain_upstream_calls_total", "")).isEqualTo(2);
    assertThat(sum("refrain_tokens_total", "memory")).isEqualTo(24);
    assertThat(sum("refrain_tokens_total", "upstream")).isEqualTo(24);
  }

  @Test
  void aRefusedStreamCountsAsAStream() {
    proxy.post(Examples.streaming(), "Cache-Control", "only-if-cached");
    proxy.post(Examples.REQUEST, "Cache-Control", "only-if-cached");
    proxy.post("[]");

    assertThat(sum("refrain_requests_total", "framing=\"stream\",rule=\"default\",source=\"none\""))
        .isEqualTo(1);
    assertThat(sum("refrain_requests_total", "framing=\"whole\",rule=\"default\",source=\"none\""))
        .isEqualTo(2);
  }

  @Test
  void whoLeavesBeforeTheBodyIsHereIsNoErrorOfOurs() throws Exception {
    RawClient client = proxy.connect();
    client.send(
        "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nContent-Type: application/json\r\n"
            + "Content-Length: 100\r\nExpect: 100-continue\r\n\r\n");
    assertThat(client.answer().status()).isEqualTo(100);
    client.send("{");
    client.close();

    await().untilAsserted(() -> assertThat(sum("refrain_requests_total", "")).isEqualTo(1));
    assertThat(sum("refrain_requests_total", "status=\"5xx\"")).isZero();
  }

  @Test
  void noPromptAndNoKeyIsInTheMetrics() {
    proxy.post(Examples.asking("a-secret-prompt"), "Authorization", "Bearer a-secret-key");
    proxy.post("{\"a-secret-field\":1}");

    assertThat(proxy.manage("/metrics").body()).contains("refrain_").doesNotContain("a-secret");
  }

  /** The sum over all series of this name whose labels contain this text. */
  private double sum(String name, String label) {
    return Arrays.stream(proxy.manage("/metrics").body().split("\n"))
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
