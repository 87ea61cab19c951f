package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.completions.CompletionCreateParams;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.MessageHead;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawServer;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * So much a minute, of requests and of what the upstream is paid. The limits here are so low that
 * nothing of them comes back while a test runs: one in a minute, or an answer costs a thousand
 * minutes' worth.
 */
@Timeout(60)
class KeyLimitsTest {
  private static final String FREE = "secret-of-the-free";
  private static final String ASKS = "secret-of-who-asks";
  private static final String SPENDS = "secret-of-who-spends";
  private static final String SHARES = "secret-of-who-shares";
  private static final String TIME = "(\\d+m)?\\d+s|\\d+ms";
  private static final String KEYS =
      """
      keys:
        - {name: free, secret: %s}
        - {name: asks, secret: %s, requestsPerMinute: 1}
        - {name: spends, secret: %s, tenant: t, tokensPerMinute: 1}
        - {name: shares, secret: %s, tenant: t, tokensPerMinute: 1}
      """
          .formatted(FREE, ASKS, SPENDS, SHARES);

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Gate gate = new Gate();
  @TempDir private Path folder;
  private Path file;
  private Proxy proxy;

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("refrain.yaml");
    write(KEYS);
    proxy = Proxy.reading(file);
  }

  @AfterEach
  void stop() throws Exception {
    gate.open();
    proxy.close();
    upstream.close();
  }

  private void write(String others) throws IOException {
    Files.writeString(
        file, Proxy.yaml("upstreams: [{url: \"%s\"}]\n%s".formatted(upstream.url(), others)));
  }

  private HttpResponse<String> ask(String prompt, String secret, String... headers) {
    return post(Examples.asking(prompt), secret, headers);
  }

  private HttpResponse<String> post(String body, String secret, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "api-key";
    all[1] = secret;
    return proxy.post(body, all);
  }

  private String metric(String sample) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(sample + " "))
        .map(line -> line.substring(sample.length() + 1))
        .findFirst()
        .orElse("none");
  }

  private String paid(String key) {
    return metric("refrain_key_tokens_total{key=\"" + key + "\"}");
  }

  private static void assertLimited(HttpResponse<String> refused, String type) {
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(429);
    assertThat(Json.read(refused.body()).at("/error/type").asText()).isEqualTo(type);
    assertThat(Json.read(refused.body()).at("/error/code").asText())
        .isEqualTo("rate_limit_exceeded");
    assertThat(header(refused, "Retry-After")).matches("[1-9]\\d*");
    assertThat(header(refused, "x-ratelimit-limit-" + type)).isEqualTo("1");
    assertThat(header(refused, "x-ratelimit-remaining-" + type)).isEqualTo("0");
    assertThat(header(refused, "x-ratelimit-reset-" + type)).matches(TIME);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("none");
  }

  // --- Requests --------------------------------------------------------------

  @Test
  void oneRequestTooManyIsRefusedAndTheUpstreamHearsNothingOfIt() {
    HttpResponse<String> first = ask("x", ASKS);
    HttpResponse<String> second = ask("x", ASKS);

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("1");
    assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("0");
    assertThat(header(first, "x-ratelimit-reset-requests")).matches(TIME);
    assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("none");
    assertLimited(second, "requests");
    assertThat(Integer.parseInt(header(second, "Retry-After"))).isBetween(1, 60);
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(metric("refrain_key_requests_total{key=\"asks\"}")).isEqualTo("2.0");
    assertThat(metric("refrain_key_refusals_total{key=\"asks\",reason=\"requests\"}"))
        .isEqualTo("1.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/v1/files"})
  void everyKindOfRequestCounts(String path) {
    proxy.send(proxy.request(path, "api-key", ASKS).GET().build());
    assertLimited(proxy.send(proxy.request(path, "api-key", ASKS).GET().build()), "requests");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(ask("x", FREE).statusCode()).as("of another key").isEqualTo(200);
  }

  @Test
  void whatTheUpstreamSaysOfTheOperatorsLimitsIsForKeysWithoutOne() {
    upstream.play(
        Script.answer(
            200,
            Examples.ANSWER,
            "Content-Type: application/json",
            "X-RateLimit-Limit-Requests: 10000",
            "x-ratelimit-remaining-project-tokens: 5"));

    assertThat(header(ask("x", FREE), "x-ratelimit-limit-requests")).isEqualTo("10000");
    HttpResponse<String> limited = ask("x", ASKS);
    assertThat(limited.headers().allValues("x-ratelimit-limit-requests")).containsExactly("1");
    assertThat(header(limited, "x-ratelimit-remaining-project-tokens")).isEqualTo("none");
    HttpResponse<String> passed =
        proxy.send(proxy.request("/v1/files", "api-key", ASKS).GET().build());
    assertThat(passed.statusCode()).isEqualTo(429);
  }

  @Test
  void whatPassesThroughSaysWhatIsLeftToo() {
    upstream.play(Script.answer(200, "ok", "X-RateLimit-Limit-Requests: 10000"));

    HttpResponse<String> passed =
        proxy.send(proxy.request("/v1/files", "api-key", ASKS).GET().build());

    assertThat(passed.body()).isEqualTo("ok");
    assertThat(passed.headers().allValues("x-ratelimit-limit-requests")).containsExactly("1");
  }

  @Test
  void aWebSocketIsOneRequestAndItsHandshakeSaysWhatIsLeft() throws Exception {
    String handshake =
        "GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: a2V5\r\n"
            + "Authorization: Bearer "
            + ASKS
            + "\r\n\r\n";
    try (RawServer far = new RawServer();
        Proxy before = Proxy.before(far.url(), "", KEYS);
        RawClient client = before.connect();
        RawClient another = before.connect()) {
      client.send(handshake);
      try (RawServer.Peer peer = far.accept()) {
        assertThat(peer.head().has("Authorization")).isFalse();
        peer.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: YWNjZXB0\r\n\r\nhello");
        MessageHead agreed = client.head();
        assertThat(agreed.status()).isEqualTo(101);
        assertThat(agreed.all("x-ratelimit-remaining-requests")).containsExactly("0");
        assertThat(client.stream().readNBytes(5)).asString().isEqualTo("hello");
        assertThat(another.send(handshake).answer().status()).isEqualTo(429);
      }
    }
  }

  @Test
  void whatIsHiddenStaysHidden() throws Exception {
    Files.writeString(
        file,
        Files.readString(file)
            .replace(
                "server: {", "server: {headers: {hide: [x-ratelimit-reset-requests, server]}, "));
    try (Proxy hiding = Proxy.reading(file)) {
      HttpResponse<String> answer = hiding.post(Examples.asking("x"), "api-key", ASKS);
      assertThat(header(answer, "x-ratelimit-limit-requests")).isEqualTo("1");
      assertThat(header(answer, "x-ratelimit-reset-requests")).isEqualTo("none");
    }
  }

  // --- Tokens ------------------------------------------------------------------

  @Test
  void whatTheUpstreamWasPaidIsTakenAfterwardsAndWhatIsKeptIsFree() {
    HttpResponse<String> first = ask("x", SPENDS);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("1");
    assertThat(paid("spends")).isEqualTo("12.0");

    assertLimited(ask("y", SPENDS), "tokens");
    assertLimited(post(Examples.sampling("z"), SPENDS), "tokens");
    assertLimited(post(Examples.samplingStream("z"), SPENDS), "tokens");
    assertLimited(ask("x", SPENDS, "Cache-Control", "no-cache"), "tokens");
    assertLimited(ask("x", SPENDS, "Cache-Control", "no-store"), "tokens");
    HttpResponse<String> kept = ask("x", SPENDS);
    assertThat(kept.statusCode()).isEqualTo(200);
    assertThat(header(kept, "Cache-Status")).contains("hit; ");
    assertThat(header(kept, "x-ratelimit-remaining-tokens")).isEqualTo("0");
    assertThat(
            proxy.send(proxy.request("/v1/models", "api-key", SPENDS).GET().build()).statusCode())
        .isNotEqualTo(429);
    assertThat(paid("spends")).isEqualTo("12.0");
    assertThat(metric("refrain_key_refusals_total{key=\"spends\",reason=\"tokens\"}"))
        .isEqualTo("5.0");
  }

  @Test
  void whatAnotherOfTheTenantPaidForIsFree() {
    ask("x", SPENDS);
    assertThat(header(ask("x", SHARES), "Cache-Status")).contains("hit; ");

    assertThat(paid("spends")).isEqualTo("12.0");
    assertThat(paid("shares")).isEqualTo("0.0");
    assertThat(ask("y", SHARES).statusCode()).isEqualTo(200);
    assertThat(paid("shares")).isEqualTo("12.0");
  }

  @Test
  void whoJoinsACallOnItsWayPaysNothingEvenWithNothingLeft() {
    ask("used up", SHARES);
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    CompletableFuture<HttpResponse<String>> leads =
        CompletableFuture.supplyAsync(() -> ask("x", SPENDS));
    upstream.awaitCalls(2);
    CompletableFuture<HttpResponse<String>> joins =
        CompletableFuture.supplyAsync(() -> ask("x", SHARES));
    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();

    assertThat(leads.join().statusCode()).isEqualTo(200);
    assertThat(joins.join().statusCode()).isEqualTo(200);
    assertThat(paid("spends")).isEqualTo("12.0");
    assertThat(paid("shares")).isEqualTo("12.0");
  }

  @Test
  void aStreamIsPaidForAtItsEnd() throws Exception {
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("x"), "api-key: " + SPENDS).answer();
      String begun = answer.until("first");
      assertThat(paid("spends")).isEqualTo("0.0");
      gate.open();
      assertThat(begun + answer.text()).contains("[DONE]").doesNotContain("usage");
    }
    assertThat(paid("spends")).isEqualTo("12.0");
    assertLimited(post(Examples.streaming("y"), SPENDS), "tokens");
    assertThat(post(Examples.streaming("x"), SPENDS).statusCode()).isEqualTo(200);
  }

  @Test
  void aStreamThatNobodyKeepsAndNobodyAsksForItsUsageIsPaidForAllTheSame() {
    HttpResponse<String> answer = post(Examples.samplingStream("x"), SPENDS);

    assertThat(answer.body()).contains("[DONE]").doesNotContain("usage");
    assertThat(upstream.last().text()).contains("\"include_usage\":true");
    assertThat(paid("spends")).isEqualTo("12.0");
    assertLimited(post(Examples.samplingStream("x"), SPENDS), "tokens");
  }

  @Test
  void aStreamThatIsLeftBeforeItSaysWhatItCostIsPaidForByTheChunk() throws Exception {
    upstream.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      client.post(Examples.samplingStream("x"), "api-key: " + SPENDS).answer().until("first");
    }

    await().atMost(20, TimeUnit.SECONDS).until(() -> paid("spends").equals("1.0"));
    upstream.play(Examples::answer);
    assertLimited(post(Examples.samplingStream("y"), SPENDS), "tokens");
  }

  @Test
  void aStreamWhoseUpstreamDoesNotSayWhatItCostsIsPaidForByTheChunk() {
    upstream.play(
        Script.events().data(Examples.chunk("a", null)).data(Examples.chunk("b", "stop")).done());
    post(Examples.streaming("x"), SPENDS);

    assertThat(paid("spends")).isEqualTo("2.0");
  }

  @Test
  void everyPartOfADividedRequestIsPaidForOnce() {
    ask("a", SPENDS);
    String three = Examples.asking("a").replace("\"a\"", "[\"a\",\"b\",\"c\"]");

    assertLimited(post(three, SPENDS), "tokens");
    assertThat(post(three, SHARES).statusCode()).isEqualTo(200);
    assertThat(paid("shares")).as("two that were not kept").isEqualTo("24.0");
    assertThat(post(three, SPENDS).statusCode()).as("all of them are kept").isEqualTo(200);
    assertThat(post(three.replace("}", ",\"stream\":true}"), SPENDS).statusCode()).isEqualTo(200);
    assertThat(paid("spends")).isEqualTo("12.0");
  }

  @Test
  void aCallIsPaidForByWhoBeganItThoughHeDoesNotWait() throws Exception {
    write("cache: {abandoned: finish}\n" + KEYS);
    reload();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    try (RawClient client = proxy.connect()) {
      client.post(Examples.asking("x"), "api-key: " + SPENDS);
      upstream.awaitCalls(1);
    }
    await().until(() -> metric("refrain_disconnects_total{phase=\"waiting\"}").equals("1.0"));
    gate.open();

    await().atMost(20, TimeUnit.SECONDS).until(() -> paid("spends").equals("12.0"));
  }

  @Test
  void anErrorOfTheUpstreamCostsNothing() {
    upstream.play(Script.answer(400, "{\"error\":{}}", "Content-Type: application/json"));
    ask("x", SPENDS);
    upstream.play(Examples::answer);

    assertThat(paid("spends")).isEqualTo("0.0");
    assertThat(ask("x", SPENDS).statusCode()).isEqualTo(200);
  }

  @Test
  void aKeyThatIsLimitedInTokensOpensNothingWhereNobodyCountsThem() {
    HttpResponse<String> passed =
        proxy.send(proxy.request("/v1/files", "api-key", SPENDS).GET().build());
    assertThat(passed.statusCode()).isEqualTo(403);
    assertThat(upstream.calls()).isZero();
  }

  // --- Others --------------------------------------------------------------------

  @Test
  void whatIsLeftOutlivesAReloadUnlessTheLimitChanges() throws Exception {
    ask("x", ASKS);
    ask("x", SPENDS);
    write(KEYS.replace("name: free", "name: freed") + "limits: {n: 5}\n");
    reload();
    assertLimited(ask("y", ASKS), "requests");
    assertLimited(ask("y", SPENDS), "tokens");

    write(KEYS.replace("requestsPerMinute: 1", "requestsPerMinute: 2"));
    reload();
    assertThat(ask("y", ASKS).statusCode()).isEqualTo(200);
    assertLimited(ask("y", SPENDS), "tokens");
  }

  private void reload() {
    assertThat(proxy.order("/config/reload").statusCode()).isEqualTo(200);
  }

  @Test
  void theOfficialSdkSeesARateLimit() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(proxy.url() + "/v1")
            .apiKey(ASKS)
            .maxRetries(0)
            .build();
    try {
      CompletionCreateParams asking =
          CompletionCreateParams.builder().model("m").prompt("x").temperature(0.0).build();
      client.completions().create(asking);

      RateLimitException thrown =
          catchThrowableOfType(RateLimitException.class, () -> client.completions().create(asking));

      assertThat(thrown.code()).contains("rate_limit_exceeded");
      assertThat(thrown.type()).contains("requests");
      assertThat(thrown.headers().values("Retry-After")).hasSize(1);
      assertThat(thrown.headers().values("x-ratelimit-remaining-requests")).isEqualTo(List.of("0"));
    } finally {
      client.close();
    }
  }
}
