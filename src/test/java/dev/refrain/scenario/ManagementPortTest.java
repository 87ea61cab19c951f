package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The management port against callers who want no good. */
class ManagementPortTest {
  private static final int BOUND = 8;

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final List<RawClient> clients = new ArrayList<>();
  private Proxy proxy = with("");

  private Proxy with(String settings) {
    return Proxy.managed(upstream.url(), "connections: " + BOUND + settings);
  }

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    proxy.close();
    upstream.close();
  }

  @Test
  void healthKnowsTheUpstreamsAndARedisThatCostsNoReadiness() {
    proxy.close();
    try (RedisFixture redis = new RedisFixture()) {
      proxy =
          Proxy.before(
              upstream.url(),
              "",
              "cache: {redis: {url: \"" + redis.url() + "\", breaker: {failures: 1}}}");
      await().until(() -> health().getJsonObject("redis").getBoolean("up"));
      assertThat(health().getJsonObject("redis").getString("breaker")).isEqualTo("closed");
      assertThat(health().getJsonObject("upstreams").getJsonObject("default").encode())
          .isEqualTo("{\"breaker\":\"closed\",\"active\":0,\"waiting\":0}");
      redis.kill();
      await()
          .until(
              () -> {
                proxy.post(Examples.REQUEST, "Cache-Control", "no-cache");
                return !health().getJsonObject("redis").getBoolean("up");
              });
      assertThat(health().getString("status")).isEqualTo("UP");
      assertThat(proxy.manage("/health/ready").statusCode()).isEqualTo(200);
    }
    proxy.close();
    proxy = with("");
    assertThat(health().containsKey("redis")).isFalse();
  }

  private JsonObject health() {
    return new JsonObject(proxy.manage("/health").body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "G",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n",
        "POST /cache/purge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"
      })
  void threeHundredConnectionsKeepNobodyOut(String begun) throws Exception {
    for (int i = 0; i < 300; i++) {
      connect(begun);
    }
    assertThat(proxy.manage("/health/live").statusCode()).isEqualTo(200);
    assertThat(proxy.manage("/health/ready").statusCode()).isEqualTo(200);
    assertThat(proxy.manage("/metrics").statusCode()).isEqualTo(200);
    assertThat(proxy.post(Examples.asking("beside")).statusCode()).isEqualTo(200);
  }

  @Test
  void theOldestGivesWayAndThoseThatAreAnsweredLast() throws Exception {
    RawClient watching = connect("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assertThat(watching.head().status()).isEqualTo(200);
    for (int i = 0; i < BOUND; i++) {
      connect("");
    }
    assertThat(clients.get(1).closedByPeer()).isTrue();
    assertThat(watching.stream().read()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\n",
        "POST /cache/purge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
      })
  void aRequestThatDoesNotComeInItsTimeEndsTheConnection(String begun) throws Exception {
    proxy.close();
    proxy = with(", requestTimeout: 100ms");

    assertThat(connect(begun).closedByPeer()).isTrue();
  }

  @Test
  void aConnectionMayAskAgainAndAgain() throws Exception {
    proxy.close();
    proxy = with(", requestTimeout: 200ms");
    RawClient client = connect("");
    await()
        .during(Duration.ofMillis(600))
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              client.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
              return client.answer().text().contains("\"status\"");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: evil.example",
        "Host: evil.example:9090",
        "Host: localhost.evil.example",
        "Host: 10.1.2.3",
        "Host: localhost\r\nX-Forwarded-For: 10.1.2.3",
        "Host: localhost\r\nOrigin: http://evil.example",
        "Host: localhost\r\nOrigin: null",
        "Host: localhost\r\nSec-Fetch-Site: cross-site",
        "Host: evil.example\r\nOrigin: http://evil.example\r\nSec-Fetch-Site: same-origin"
      })
  void withoutATokenOrdersAreTakenFromThisMachineAlone(String lines) throws Exception {
    for (String order : List.of("/cache/purge?all=true", "/config/reload")) {
      assertThat(ask("POST " + order, lines).status()).as(order).isEqualTo(403);
    }
    assertThat(ask("GET /health", lines).text())
        .as("no configuration")
        .isEqualTo("{\"status\":\"UP\"}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Host: localhost", "Host: 127.0.0.1:9090", "Host: [::1]"})
  void fromThisMachineTheyAreTaken(String lines) throws Exception {
    assertThat(ask("POST /cache/purge?all=true", lines).status()).isEqualTo(200);
    assertThat(ask("GET /health", lines).text()).contains("\"configuration\"");
  }

  @Test
  void withATokenTheyAreTakenByAnyNameOfIt() throws Exception {
    proxy.close();
    proxy = with(", token: a-token");
    String named = "Host: refrain.internal";

    assertThat(ask("POST /cache/purge?all=true", named).status()).isEqualTo(401);
    assertThat(ask("POST /cache/purge?all=true", "Host: localhost").status()).isEqualTo(401);
    assertThat(
            ask("POST /cache/purge?all=true", named + "\r\nAuthorization: Bearer a-token").status())
        .isEqualTo(200);
    assertThat(ask("GET /health", named + "\r\nAuthorization: Bearer a-token").text())
        .contains("\"configuration\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Origin: http://evil.example", "Sec-Fetch-Site: cross-site"})
  void aPageOfAnotherOriginGetsNoEvents(String line) throws Exception {
    assertThat(ask("GET /events", "Host: localhost\r\n" + line).status()).isEqualTo(403);
  }

  private RawClient.Answer ask(String line, String lines) throws IOException {
    String body = line.startsWith("POST") ? "\r\nContent-Length: 0" : "";
    return connect(line + " HTTP/1.1\r\n" + lines + body + "\r\n\r\n").answer();
  }

  private RawClient connect(String begun) throws IOException {
    RawClient client = new RawClient(proxy.managementPort());
    clients.add(client);
    try {
      client.send(begun);
    } catch (IOException gaveWay) {
      // which is the point
    }
    return client;
  }
}
