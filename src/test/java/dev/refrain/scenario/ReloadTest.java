package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.config.Config;
import dev.refrain.runtime.ConfigFile;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A configuration that changes under a running process. */
class ReloadTest {
  private final Gate gate = new Gate();
  private final ScriptedUpstream one = ScriptedUpstream.playing(Examples::answer);
  private final ScriptedUpstream two = ScriptedUpstream.playing(Examples::answer);
  @TempDir private Path folder;
  private Path file;
  private Proxy proxy;

  @BeforeEach
  void start() throws IOException {
    file = folder.resolve("refrain.yaml");
    write(before(one, ""));
    proxy = Proxy.reading(file);
  }

  @AfterEach
  void stop() throws Exception {
    gate.open();
    proxy.close();
    one.close();
    two.close();
  }

  private static String before(ScriptedUpstream upstream, String others) {
    return "upstreams: [{name: a, url: \"%s\"}]\n%s".formatted(upstream.url(), others);
  }

  private void write(String settings) throws IOException {
    Files.writeString(file, Proxy.yaml(settings));
  }

  private JsonObject reload() {
    HttpResponse<String> done = proxy.order("/config/reload");
    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    return new JsonObject(done.body());
  }

  private JsonObject health() {
    return new JsonObject(proxy.manage("/health").body());
  }

  @Test
  void aStreamUnderWayEndsWhereItBeganAndTheNextRequestGoesElsewhere() throws Exception {
    one.play(Examples.inTwoHalves(gate));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(Examples.streaming("x")).answer();
      String begun = answer.until("first");
      write(before(two, ""));
      assertThat(reload().getJsonArray("changed")).containsExactly("upstreams[0].url");

      assertThat(proxy.post(Examples.asking("y")).statusCode()).isEqualTo(200);
      assertThat(two.calls()).isEqualTo(1);
      gate.open();
      Events events = Events.of(begun + answer.text());
      assertThat(events.text(0)).isEqualTo("first second");
      assertThat(events.properlyEnded()).isTrue();
      // The same connection of the caller is led by the new configuration, too.
      assertThat(client.post(Examples.asking("z")).answer().text()).isNotEmpty();
      assertThat(two.calls()).isEqualTo(2);
      assertThat(one.calls()).isEqualTo(1);
    }
  }

  @Test
  void newPricesCountFromTheNextAnswerOnAndATraceHasToWaitForTheNextStart() throws Exception {
    proxy.post(Examples.sampling("free"));
    assertThat(proxy.manage("/metrics").body()).doesNotContain("refrain_cost_total");
    String prices = "metrics: {prices: [{model: 'm*', prompt: 1000000, completion: 0}]}\n";
    write(before(one, prices + "tracing: {ratio: 0.5}\n"));
    JsonObject renewal = reload();
    assertThat(renewal.getJsonArray("changed")).containsExactly("metrics.prices");
    assertThat(renewal.getJsonArray("pending")).containsExactly("tracing.ratio");

    proxy.post(Examples.sampling("paid for"));

    String labels = "{currency=\"USD\",endpoint=\"completions\",model=\"m\",source=\"upstream\"}";
    assertThat(proxy.manage("/metrics").body()).contains("refrain_cost_total" + labels + " 5.0");
  }

  @Test
  void whatIsPassedThroughGoesOnWhenTheClientsOfItsUpstreamAreGone() throws Exception {
    String brief = ", totalTimeout: 300ms, firstByteTimeout: 10s, idleTimeout: 10s}]";
    write(before(one, "").replace("}]", brief));
    reload();
    one.play(Script.events().chunk("first").pause(gate).chunk(" second").end());
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.send("GET /files/x HTTP/1.1\r\nHost: a\r\n\r\n").answer();
      answer.until("first");
      write(before(two, ""));
      reload();
      // Longer than calls of the upstream that is gone might have taken.
      await().pollDelay(Duration.ofMillis(900)).until(() -> proxy.order("/config/reload") != null);
      gate.open();
      assertThat(answer.text()).isEqualTo(" second");
    }
  }

  @Test
  void whatIsKeptAndWhatIsKnownOfAnUpstreamThatStaysOutlivesTheChange() throws Exception {
    proxy.post(Examples.asking("x"));
    write(
        "upstreams: [{name: a, url: \"%s\"}, {name: b, url: \"%s\", priority: 1}]"
            .formatted(one.url(), two.url()));
    reload();

    assertThat(proxy.post(Examples.asking("x")).headers().firstValue("Cache-Status").orElseThrow())
        .contains("hit; ");
    assertThat(one.calls()).isEqualTo(1);
    String metrics = proxy.manage("/metrics").body();
    assertThat(metrics)
        .contains("refrain_upstream_tries_total{upstream=\"a\"} 1.0")
        .contains("refrain_upstream_tries_total{upstream=\"b\"} 0.0");
    write(before(one, ""));
    reload();
    assertThat(proxy.manage("/metrics").body()).doesNotContain("upstream=\"b\"");
    assertThat(health().getJsonObject("upstreams").fieldNames()).containsExactly("a");
  }

  @Test
  void limitsAndTheRulesOfTheCacheAreTakenUp() throws Exception {
    write(before(one, "limits: {n: 2}\ncache: {enabled: false}"));
    assertThat(reload().getJsonArray("changed"))
        .containsExactlyInAnyOrder("limits.n", "cache.enabled");

    proxy.post(Examples.asking("x"));
    HttpResponse<String> again = proxy.post(Examples.asking("x"));
    assertThat(again.headers().firstValue("Cache-Status").orElseThrow()).contains("disabled");
    HttpResponse<String> tooMany =
        proxy.post("{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0,\"n\":3}");
    assertThat(tooMany.statusCode()).isEqualTo(400);
    assertThat(tooMany.body()).contains("\"param\":\"n\"");
  }

  @Test
  void aBadFileIsRefusedInOneLineAndTheOneFromBeforeStays() throws Exception {
    write(before(two, "limits: {n: many}"));
    HttpResponse<String> refused = proxy.order("/config/reload");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains(file.getFileName().toString()).contains("limits.n: many");
    JsonObject configuration = health().getJsonObject("configuration");
    assertThat(configuration.getString("status")).isEqualTo("REFUSED");
    assertThat(configuration.getString("refusal")).contains("limits.n: many (expected: ");
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_config_reloads_total{outcome=\"refused\"} 1.0")
        .contains("refrain_config_last_reload_successful 0.0");
    assertThat(proxy.post(Examples.asking("x")).statusCode()).isEqualTo(200);
    assertThat(one.calls()).isEqualTo(1);

    write(before(two, ""));
    reload();
    assertThat(health().getJsonObject("configuration").getString("status")).isEqualTo("UP");
    assertThat(proxy.manage("/metrics").body())
        .contains("refrain_config_last_reload_successful 1.0");
  }

  @Test
  void aBadCertificateIsABadFileToo() throws Exception {
    write(before(two, "").replace("}]", ", tls: {ca: /nowhere.pem}}]"));
    HttpResponse<String> refused = proxy.order("/config/reload");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("upstreams[0].tls.ca: /nowhere.pem");
    assertThat(proxy.post(Examples.asking("x")).statusCode()).isEqualTo(200);
    assertThat(one.calls()).isEqualTo(1);
  }

  @Test
  void whatOnlyTheNextStartTakesUpIsNamedAndHoldsNothingElseUp() throws Exception {
    Files.writeString(
        file, Proxy.yaml(before(two, "")).replace("eventLoops: 2", "eventLoops: 1, streams: 7"));
    JsonObject done = reload();

    assertThat(done.getJsonArray("pending")).containsExactly("server.eventLoops", "server.streams");
    assertThat(done.getJsonArray("changed")).containsExactly("upstreams[0].url");
    assertThat(health().getJsonObject("configuration").getJsonArray("pending")).hasSize(2);
    assertThat(proxy.manage("/metrics").body()).contains("refrain_config_pending_keys 2.0");
    proxy.post(Examples.asking("x"));
    assertThat(two.calls()).isEqualTo(1);
  }

  @Test
  void aFileThatChangesIsTakenUpWithoutAWord() throws Exception {
    proxy.close();
    Files.writeString(file, watched(one));
    proxy = Proxy.reading(file);
    Files.writeString(file, watched(two));

    awaitTakenUp();
    proxy.post(Examples.asking("x"));
    assertThat(two.calls()).isEqualTo(1);
  }

  @Test
  void whatIsWrittenWhileTheProcessStartsIsTakenUp() throws Exception {
    proxy.close();
    Files.writeString(file, watched(one));
    ConfigFile source = ConfigFile.of(Optional.of(file), Map.of());
    Config read = source.load();
    Files.writeString(file, watched(two));
    proxy = Proxy.reading(source, read);

    awaitTakenUp();
    proxy.post(Examples.asking("x"));
    assertThat(two.calls()).isEqualTo(1);
  }

  @Test
  void aChangeIsNoticedHoweverLikeItIs() {
    String before = watched(one) + "# Aa";
    String after = watched(one) + "# BB";
    assertThat(after).hasSameHashCodeAs(before);

    assertThat(lookAt(after)).isNotEqualTo(lookAt(before));
  }

  private String lookAt(String content) {
    try {
      Files.writeString(file, content);
      return ConfigFile.of(Optional.of(file), Map.of()).found();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private void awaitTakenUp() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                proxy
                    .manage("/metrics")
                    .body()
                    .contains("refrain_config_reloads_total{outcome=\"applied\"} 1.0"));
  }

  private static String watched(ScriptedUpstream upstream) {
    return Proxy.yaml(before(upstream, "")).replace("management: {", "management: {reload: 20ms, ");
  }
}
