package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** One line a request, which says how it was answered. */
@Timeout(60)
class AccessLogTest {
  private static final String SECRET = "0123456789abcdef";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Lines lines = new Lines();
  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.refrain.access");
  private Proxy proxy;

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
    proxy = proxy("access: true");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void aMissAndItsHitSayWhatTheyCostAndWhoAnswered() {
    proxy.post(Examples.REQUEST, "X-Request-Id", "first");
    proxy.post(Examples.REQUEST, "X-Request-Id", "second");

    assertThat(line("first"))
        .containsEntry("http.request.method", "POST")
        .containsEntry("url.path", "/v1/completions")
        .containsEntry("http.response.status_code", 200)
        .containsEntry("http.response.body.bytes", (long) Examples.ANSWER.length())
        .containsEntry("refrain.outcome", "uri-miss")
        .containsEntry("refrain.source", "upstream")
        .containsEntry("refrain.upstream", "default")
        .containsEntry("refrain.framing", "whole")
        .containsEntry("gen_ai.request.model", "gpt-3.5-turbo-instruct")
        .containsEntry("gen_ai.usage.input_tokens", 5L)
        .containsEntry("gen_ai.usage.output_tokens", 7L)
        .doesNotContainKeys("refrain.reason", "refrain.steps");
    assertThat(line("second"))
        .containsEntry("refrain.outcome", "hit")
        .containsEntry("refrain.source", "memory")
        .containsEntry("gen_ai.usage.output_tokens", 7L)
        .doesNotContainKey("refrain.upstream");
  }

  @Test
  void callersAreToldApartByAHashAndNotByTheirKey() {
    proxy.post(Examples.REQUEST, "X-Request-Id", "a", "Authorization", "Bearer one");
    proxy.post(Examples.REQUEST, "X-Request-Id", "b", "Authorization", "Bearer two");
    proxy.post(Examples.sampling("x"), "X-Request-Id", "c", "Authorization", "Bearer one");

    assertThat(line("a").get("refrain.scope").toString()).matches("[0-9a-f]{16}");
    assertThat(line("a").get("refrain.scope")).isNotEqualTo(line("b").get("refrain.scope"));
    assertThat(line("c").get("refrain.scope")).isEqualTo(line("a").get("refrain.scope"));
  }

  @Test
  void whereThereAreKeysALineNamesTheOneThatWasPresented() {
    proxy.close();
    proxy =
        proxy(
            "access: true}\nkeys: [{name: shop, secret: secret-of-the-shop, requestsPerMinute: 3},"
                + " {name: other, secret: secret-of-the-other, tenant: shop}]\n#");
    proxy.post(Examples.REQUEST, "X-Request-Id", "a", "api-key", "secret-of-the-shop");
    proxy.post(Examples.sampling("x"), "X-Request-Id", "b", "api-key", "secret-of-the-other");
    proxy.post(Examples.REQUEST, "X-Request-Id", "c", "api-key", "secret-of-the-shop");
    proxy.send(pass("d", "secret-of-the-shop"));
    proxy.send(pass("e", "secret-of-the-shop"));
    proxy.send(pass("f", "secret-of-nobody-at-all"));

    assertThat(line("a")).containsEntry("refrain.key", "shop");
    assertThat(line("b"))
        .containsEntry("refrain.key", "other")
        .containsEntry("refrain.scope", line("a").get("refrain.scope"));
    assertThat(line("c")).containsEntry("refrain.outcome", "hit");
    assertThat(line("d"))
        .containsEntry("refrain.key", "shop")
        .containsEntry("refrain.scope", line("a").get("refrain.scope"))
        .containsEntry("refrain.outcome", "pass");
    assertThat(line("e"))
        .containsEntry("refrain.key", "shop")
        .containsEntry("refrain.reason", "rate_limit_exceeded");
    assertThat(line("f"))
        .containsEntry("refrain.reason", "invalid_api_key")
        .doesNotContainKey("refrain.key");
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_key_tokens_total{key=\"shop\"} 12.0");
  }

  private HttpRequest pass(String id, String secret) {
    return proxy.request("/v1/files", "X-Request-Id", id, "api-key", secret).GET().build();
  }

  @Test
  void aStreamHasItsFirstByteBeforeItsEnd() {
    Gate gate = new Gate();
    upstream.play(
        Script.events()
            .data(Examples.chunk("a", null))
            .pause(gate)
            .data(Examples.chunk("b", "stop"))
            .done());
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> proxy.post(Examples.samplingStream("x"), "X-Request-Id", "s"));
    upstream.awaitCalls(1);
    gate.open();
    String body = answer.join().body();

    Map<String, Object> line = line("s");
    assertThat(line)
        .containsEntry("refrain.framing", "stream")
        .containsEntry("refrain.outcome", "bypass")
        .containsEntry("refrain.reason", "sampled")
        .containsEntry("http.response.body.bytes", (long) body.length());
    assertThat((long) line.get("refrain.first_byte"))
        .isPositive()
        .isLessThan((long) line.get("event.duration"));
  }

  @Test
  void whoJoinsACallIsToldFromWhoMadeIt() {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    var first =
        CompletableFuture.supplyAsync(() -> proxy.post(Examples.REQUEST, "X-Request-Id", "led"));
    upstream.awaitCalls(1);
    var second =
        CompletableFuture.supplyAsync(() -> proxy.post(Examples.REQUEST, "X-Request-Id", "joined"));
    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();
    CompletableFuture.allOf(first, second).join();

    assertThat(line("led")).containsEntry("refrain.outcome", "uri-miss");
    assertThat(line("joined"))
        .containsEntry("refrain.outcome", "collapsed")
        .containsEntry("refrain.source", "flight");
  }

  @Test
  void whatPassesThroughHasALineWithoutItsQuery() {
    proxy.send(proxy.request("/v1/files?key=secret", "X-Request-Id", "p").GET().build());

    assertThat(line("p"))
        .containsEntry("http.request.method", "GET")
        .containsEntry("url.path", "/v1/files")
        .containsEntry("refrain.outcome", "pass")
        .containsEntry("refrain.upstream", "default")
        .containsEntry("http.response.body.bytes", (long) Examples.ANSWER.length())
        .doesNotContainKey("gen_ai.request.model");
  }

  @Test
  void aRefusalSaysWhyAndAtWhichUpstreamItWas() throws Exception {
    String body =
        proxy
            .post("{\"model\":\"m\",\"prompt\":\"x\",\"n\":1000000}", "X-Request-Id", "invalid")
            .body();
    proxy.send(
        proxy
            .request("/v1/completions", "X-Request-Id", "headless")
            .method("HEAD", BodyPublishers.noBody())
            .build());
    upstream.play(Script.silence().hangUp());
    proxy.post(Examples.REQUEST, "X-Request-Id", "broken");

    assertThat(line("invalid"))
        .containsEntry("http.response.status_code", 400)
        .containsEntry("refrain.outcome", "refused")
        .containsEntry("http.response.body.bytes", (long) body.length())
        .containsEntry("refrain.reason", "invalid");
    assertThat(line("headless")).containsEntry("http.response.body.bytes", 0L);
    assertThat(line("broken"))
        .containsEntry("http.response.status_code", 502)
        .containsEntry("refrain.reason", "upstream_broken")
        .containsEntry("refrain.upstream", "default");
  }

  @Test
  void whoLeavesHasALineToo() throws Exception {
    upstream.play(Script.silence());
    try (RawClient client = proxy.connect()) {
      client.send(
          "POST /v1/completions HTTP/1.1\r\nHost: a\r\nX-Request-Id: left\r\nContent-Length: "
              + Examples.REQUEST.length()
              + "\r\n\r\n"
              + Examples.REQUEST);
      upstream.awaitCalls(1);
    }
    assertThat(line("left"))
        .containsEntry("http.response.status_code", 499)
        .containsEntry("refrain.outcome", "left");
  }

  @Test
  void atLevelDebugALineHasTheStepsAndCacheStatusTheKey() {
    HttpResponse<String> plain = proxy.post(Examples.REQUEST, "X-Request-Id", "plain");
    logger.setLevel(Level.DEBUG);
    HttpResponse<String> detailed = proxy.post(Examples.REQUEST, "X-Request-Id", "hit");
    proxy.post(Examples.asking("z"), "X-Request-Id", "miss");

    assertThat(line("hit").get("refrain.steps").toString()).matches("\\d+us in-memory");
    assertThat(line("miss").get("refrain.steps").toString())
        .containsSubsequence("not-in-memory", "chosen default", "sent default", "answered default");
    assertThat(cacheStatus(detailed)).containsPattern("; key=\"[0-9a-f]{64}\"$");
    assertThat(cacheStatus(plain)).doesNotContain("key=");
  }

  @Test
  void withoutTheSettingThereIsNoLine() {
    proxy.close();
    proxy = proxy("access: false");
    proxy.post(Examples.REQUEST, "X-Request-Id", "plain");
    proxy.close();
    assertThat(lines.all).isEmpty();
  }

  private static String cacheStatus(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }

  private Proxy proxy(String logging) {
    return Proxy.before(upstream.url(), "", "retry: {maxRetries: 0}\nlogging: {" + logging + "}");
  }

  private Map<String, Object> line(String id) {
    await()
        .until(() -> lines.all.stream().anyMatch(line -> id.equals(line.get("http.request.id"))));
    List<Map<String, Object>> found =
        lines.all.stream().filter(line -> id.equals(line.get("http.request.id"))).toList();
    assertThat(found).hasSize(1);
    return found.get(0);
  }

  /** What was logged, field by field. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<Map<String, Object>> all = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      Map<String, Object> fields = new HashMap<>();
      event.getKeyValuePairs().forEach(pair -> fields.put(pair.key, pair.value));
      all.add(fields);
    }
  }
}
