package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Money a day. Examples are answered for 12 tokens, of which each costs a unit, so that one answer
 * uses up the budget.
 */
@Timeout(60)
class BudgetTest {
  private static final String SPENDS = "secret-of-who-spends";
  private static final String SHARES = "secret-of-who-shares";
  private static final String SETTINGS =
      """
      keys:
        - {name: spends, secret: %s, tenant: t, budget: {day: 11.5, month: 1000}}
        - {name: shares, secret: %s, tenant: t}
      metrics: {currency: EUR, prices: [{model: m, prompt: 1000000, completion: 1000000}]}
      """
          .formatted(SPENDS, SHARES);

  @TempDir private Path folder;
  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Proxy proxy = Proxy.before(upstream.url(), "", SETTINGS);

  @AfterEach
  void stop() throws Exception {
    gate.open();
    proxy.close();
    upstream.close();
  }

  private HttpResponse<String> post(String body, String secret) {
    return proxy.post(body, "api-key", secret);
  }

  private void assertExhausted(HttpResponse<String> refused) {
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    JsonNode error = Json.read(refused.body()).path("error");
    assertThat(error.path("type").asText()).isEqualTo("insufficient_quota");
    assertThat(error.path("code").asText()).isEqualTo("insufficient_quota");
    assertThat(error.path("param").isNull()).isTrue();
    assertThat(error.path("message").asText())
        .startsWith("the budget of this key for the day, 11.5 EUR, is used up; it renews at ")
        .endsWith(LocalDate.now(ZoneOffset.UTC).plusDays(1) + "T00:00:00Z");
    assertThat(refused.headers().firstValue("x-should-retry")).contains("false");
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow())
        .isBetween(1L, 24 * 3600L);
  }

  @Test
  void whatAnUpstreamWasPaidIsSpentAndWhatIsStoredStaysFree() {
    assertThat(post(Examples.asking("x"), SPENDS).statusCode()).isEqualTo(200);
    int calls = upstream.calls();

    assertExhausted(post(Examples.asking("y"), SPENDS));
    assertExhausted(post(Examples.sampling("z"), SPENDS));
    assertExhausted(post(Examples.samplingStream("z"), SPENDS));
    assertThat(upstream.calls()).isEqualTo(calls);
    assertThat(post(Examples.asking("x"), SPENDS).statusCode()).isEqualTo(200);
    assertThat(post(Examples.streaming("x"), SPENDS).body()).contains("[DONE]");
    assertThat(upstream.calls()).isEqualTo(calls);
    assertThat(post(Examples.asking("y"), SHARES).statusCode()).isEqualTo(200);
    assertThat(post(Examples.asking("y"), SPENDS).statusCode()).isEqualTo(200);

    String budget = "refrain_key_budget%s{currency=\"EUR\",key=\"spends\",period=\"%s\"} %s\n";
    assertThat(proxy.manage("/metrics").body())
        .contains(budget.formatted("", "day", "11.5"), budget.formatted("", "month", "1000.0"))
        .contains(budget.formatted("_spent", "day", "12.0"))
        .contains(budget.formatted("_remaining", "day", "0.0"))
        .contains(budget.formatted("_remaining", "month", "988.0"))
        .contains("refrain_key_refusals_total{key=\"spends\",reason=\"budget\"} 3.0\n")
        .doesNotContain("key=\"shares\",period");
    JsonNode day = Json.read(proxy.manage("/savings").body()).at("/budgets/0");
    assertThat(day.path("key").asText()).isEqualTo("spends");
    assertThat(day.path("period").asText()).isEqualTo("day");
    assertThat(day.path("budget").decimalValue()).isEqualByComparingTo("11.5");
    assertThat(day.path("spent").decimalValue()).isEqualByComparingTo("12");
    assertThat(day.path("remaining").decimalValue()).isEqualByComparingTo("0");
    assertThat(proxy.manage("/requests?key=spends").body())
        .contains("\"reason\":\"insufficient_quota\"");
  }

  @Test
  void whoJoinsACallOnItsWayNeedsNoMoney() {
    post(Examples.asking("used up"), SPENDS);
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    CompletableFuture<HttpResponse<String>> leads =
        CompletableFuture.supplyAsync(() -> post(Examples.asking("x"), SHARES));
    upstream.awaitCalls(2);
    CompletableFuture<HttpResponse<String>> joins =
        CompletableFuture.supplyAsync(() -> post(Examples.asking("x"), SPENDS));
    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();

    assertThat(leads.join().statusCode()).isEqualTo(200);
    assertThat(joins.join().statusCode()).isEqualTo(200);
  }

  @Test
  void aStreamThatIsLeftCostsWhatHadArrived() throws Exception {
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      client.post(Examples.samplingStream("x"), "api-key: " + SPENDS).answer().until("first");
    }
    await().until(() -> spent().equals("1.0"));
  }

  private String spent() {
    String sample = "refrain_key_budget_spent{currency=\"EUR\",key=\"spends\",period=\"day\"} ";
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample))
        .findFirst()
        .orElseThrow()
        .substring(sample.length());
  }

  @Test
  void whatHasNoPriceIsNotRequestedUpstream() {
    String other = Examples.asking("x").replace("\"m\"", "\"other\"");
    HttpResponse<String> refused = post(other, SPENDS);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("'other' has no price");
    HttpResponse<String> passed =
        proxy.send(proxy.request("/v1/files", "api-key", SPENDS).GET().build());
    assertThat(passed.statusCode()).isEqualTo(403);
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void aRestartWithADiskContinuesTheCount() throws Exception {
    String disk = "cache: {disk: {path: \"" + folder + "\"}}\n" + SETTINGS;
    proxy.close();
    proxy = Proxy.before(upstream.url(), "", disk);
    post(Examples.asking("x"), SPENDS);
    proxy.close();
    proxy = Proxy.before(upstream.url(), "", disk);

    assertExhausted(post(Examples.asking("y"), SPENDS));
    assertThat(spent()).isEqualTo("12.0");
  }
}
