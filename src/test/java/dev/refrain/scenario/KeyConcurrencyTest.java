package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key has so many requests under way and no more, whatever they are and however they end. */
class KeyConcurrencyTest {
  private static final int MOST = 2;
  private static final String KEYS =
      "logging: {access: %s}\nkeys: [{name: a, secret: sk-a-000000000000, concurrency: "
          + MOST
          + "}, {name: b, secret: sk-b-000000000000}]";

  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(
          request ->
              request.head().target().contains("slow") || request.text().contains("slow")
                  ? Script.silence().pause(gate).then(answer(request))
                  : answer(request));
  private final List<RawClient> clients = new ArrayList<>();
  private Proxy proxy = Proxy.before(upstream.url(), "", KEYS.formatted("false"));

  private static Script answer(dev.refrain.testing.Received request) {
    return request.text().isEmpty() ? Script.json(Examples.ANSWER) : Examples.answer(request);
  }

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "stream", "pass", "models"})
  void oneTooManyIs429UntilAnotherHasEnded(String kind) throws Exception {
    for (int i = 0; i < MOST; i++) {
      ask(kind, "a", i);
    }
    upstream.awaitCalls(MOST);
    RawClient.Answer refused = ask("hit", "a", 0).answer();

    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.head().first("Retry-After")).contains("1");
    assertThat(Json.read(refused.text()).at("/error/code").asText())
        .isEqualTo("rate_limit_exceeded");
    assertThat(ask("hit", "b", 0).answer().status()).as("another key").isEqualTo(200);
    gate.open();
    for (int i = 0; i < MOST; i++) {
      assertThat(clients.get(i).answer().text()).isNotEmpty();
    }
    allMayAskAgain();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "stream", "pass", "models"})
  void keysOfOneTenantHaveALimitTogether(String kind) throws Exception {
    String keys =
        "keys: [{name: a, secret: sk-a-000000000000, tenant: t, tenantConcurrency: 2},"
            + " {name: b, secret: sk-b-000000000000, tenant: t},"
            + " {name: c, secret: sk-c-000000000000}]";
    proxy.close();
    proxy = Proxy.before(upstream.url(), "", keys);
    ask(kind, "a", 0);
    ask(kind, "b", 1);
    upstream.awaitCalls(2);
    for (String key : new String[] {"a", "b"}) {
      RawClient.Answer refused = ask("hit", key, 0).answer();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.text()).contains("this tenant");
    }
    assertThat(ask("hit", "c", 0).answer().status()).isEqualTo(200);
    gate.open();
    assertThat(clients.get(0).answer().text()).isNotEmpty();
    allMayAskAgain();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "stream", "pass", "models"})
  void whatIsLeftByItsCallerIsOver(String kind) throws Exception {
    for (int i = 0; i < MOST; i++) {
      ask(kind, "a", i);
    }
    upstream.awaitCalls(MOST);
    for (RawClient client : clients) {
      client.abort();
    }
    gate.open();
    allMayAskAgain();
  }

  @ParameterizedTest
  @ValueSource(strings = {"refused", "missing", "broken"})
  void whatIsRefusedIsOver(String kind) throws Exception {
    for (int i = 0; i < 3 * MOST; i++) {
      assertThat(ask(kind, "a", i).answer().status()).isBetween(400, 499).isNotEqualTo(429);
    }
    allMayAskAgain();
  }

  private void allMayAskAgain() {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(ask("hit", "a", 0).answer().status()).isEqualTo(200));
  }

  private RawClient ask(String kind, String key, int i) throws IOException {
    RawClient client = proxy.connect();
    clients.add(client);
    String line = "Authorization: Bearer sk-" + key + "-000000000000";
    return switch (kind) {
      case "plain" -> client.post(Examples.sampling("slow " + i), line);
      case "stream" -> client.post(Examples.samplingStream("slow " + i), line);
      case "hit" -> client.post(Examples.asking("quick"), line);
      case "refused" -> client.post("{", line);
      case "missing" -> get(client, "/v1/../slow", line);
      case "broken" ->
          client.send(
              "POST /v1/completions HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n"
                  + line
                  + "\r\n\r\nx\r\n");
      case "models" -> get(client, "/v1/slow-models?" + i, line);
      default -> get(client, "/v1/slow?" + i, line);
    };
  }

  private static RawClient get(RawClient client, String path, String line) throws IOException {
    return client.send("GET " + path + " HTTP/1.1\r\nHost: proxy\r\n" + line + "\r\n\r\n");
  }
}
