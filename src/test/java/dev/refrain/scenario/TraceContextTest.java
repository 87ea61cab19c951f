package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a caller's trace (W3C Trace Context), and of the time that is not Refrain's. */
class TraceContextTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final String OTHER = PARENT.replace("4bf9", "0123");
  private static final String STATE = "vendor=a b;c, other=t61rcWkgMzE";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void aTraceReachesTheUpstreamAsItCame() {
    proxy.post(Examples.REQUEST, "traceparent", PARENT, "tracestate", STATE);
    assertThat(upstream.last().head().all("traceparent")).containsExactly(PARENT);
    assertThat(upstream.last().head().all("tracestate")).containsExactly(STATE);
  }

  @Test
  void whereThereIsNoneNoneIsInvented() {
    proxy.post(Examples.REQUEST);
    assertThat(upstream.last().head().all("traceparent")).isEmpty();
    assertThat(upstream.last().head().all("tracestate")).isEmpty();
  }

  @Test
  void everyPartOfARequestBelongsToItsTraceAndSoDoesWhatIsPassedThrough() {
    String two = Examples.sampling("x").replace("}", ",\"n\":2}");
    proxy.post(two, "traceparent", PARENT);
    proxy.send(
        proxy
            .request("/v1/rerank", "traceparent", PARENT)
            .POST(BodyPublishers.ofString("{}"))
            .build());
    assertThat(upstream.received())
        .hasSize(3)
        .allSatisfy(call -> assertThat(call.head().all("traceparent")).containsExactly(PARENT));
  }

  @Test
  void aSharedCallBelongsToTheTraceOfWhomItWasMadeFor() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    try (RawClient first = proxy.connect();
        RawClient second = proxy.connect()) {
      first.post(Examples.asking("x"), "traceparent: " + PARENT);
      gate.awaitReached();
      second.post(Examples.asking("x"), "traceparent: " + OTHER);
      await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
      gate.open();
      assertThat(first.answer().text()).isEqualTo(second.answer().text());
    }
    assertThat(upstream.received()).extracting(TraceContextTest::parent).containsExactly(PARENT);
  }

  @Test
  void aTraceIsNotPartOfWhatIsAsked() {
    proxy.post(Examples.REQUEST, "traceparent", PARENT);
    proxy.post(Examples.REQUEST, "traceparent", OTHER);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void theScrapeShowsATraceOfASlowRequestToThoseWhoReadOpenMetrics() {
    proxy.post(Examples.streaming("x"), "traceparent", PARENT);
    assertThat(openMetrics().lines())
        .filteredOn(line -> line.contains("trace_id=\"" + TRACE + "\""))
        .anyMatch(line -> line.startsWith("refrain_time_to_first_token_seconds_bucket"))
        .anyMatch(line -> line.startsWith("refrain_request_duration_seconds_bucket"))
        .allMatch(line -> line.contains("_bucket{")); // else Prometheus refuses the page
    assertThat(openMetrics()).endsWith("# EOF\n");
    assertThat(proxy.manage("/metrics").body()).doesNotContain(TRACE);
  }

  @Test
  void theTimeOfTheUpstreamIsNobodyElses() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    double firstWaited;
    double secondWaited;
    try (RawClient first = proxy.connect();
        RawClient second = proxy.connect()) {
      first.post(Examples.asking("x"));
      gate.awaitReached();
      long asked = System.nanoTime();
      second.post(Examples.asking("x"));
      await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
      long joined = System.nanoTime();
      await().pollDelay(Duration.ofMillis(300)).until(() -> upstream.calls() == 1);
      firstWaited = (System.nanoTime() - asked) / 1e9;
      secondWaited = (System.nanoTime() - joined) / 1e9;
      gate.open();
      first.answer().text();
      second.answer().text();
    }
    await().until(() -> sum("refrain_request_duration_seconds_sum", "flight") > 0);
    assertThat(sum("refrain_overhead_seconds_sum", "upstream"))
        .isPositive()
        .isLessThan(sum("refrain_request_duration_seconds_sum", "upstream") - firstWaited);
    assertThat(sum("refrain_overhead_seconds_sum", "flight"))
        .isPositive()
        .isLessThan(sum("refrain_request_duration_seconds_sum", "flight") - secondWaited);
  }

  private double sum(String name, String source) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains("source=\"" + source + "\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private String openMetrics() {
    URI page = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/metrics");
    HttpRequest request =
        HttpRequest.newBuilder(page).header("Accept", "application/openmetrics-text").build();
    return proxy.send(request).body();
  }

  private static String parent(Received call) {
    return String.join(",", call.head().all("traceparent"));
  }
}
