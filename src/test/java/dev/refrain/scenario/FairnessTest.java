package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
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

/** A caller that sends much keeps itself waiting, and no other. */
class FairnessTest {
  private static final String KEYS =
      "keys: [{name: greedy, secret: sk-greedy-0000000}, {name: modest, secret:"
          + " sk-modest-0000000}]";
  private static final String TEAMS = "cache: {headers: {scope: [X-Team]}}";
  private static final int WAITING = 4;

  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(
          request -> Script.silence().pause(gate).then(Examples.answer(request)));
  private final List<RawClient> clients = new ArrayList<>();
  private Proxy proxy;
  private boolean team;

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", KEYS, TEAMS})
  void whereTheQueueIsFullTheOneWithTheMostMakesRoom(String keys) throws Exception {
    proxy = Proxy.before(upstream.url(), "connections: 1, waiting: " + WAITING, keys);
    team = keys.equals(TEAMS);
    ask("greedy", "under way");
    upstream.awaitCalls(1);
    List<RawClient> greedy = new ArrayList<>();
    for (int i = 0; i < WAITING; i++) {
      greedy.add(ask("greedy", "waiting " + i));
      int now = i + 1;
      await().atMost(Duration.ofSeconds(10)).until(() -> waiting() == now);
    }
    RawClient modest = ask("modest", "modest");

    assertThat(greedy.get(WAITING - 1).answer().status()).isEqualTo(503);
    gate.open();
    assertThat(modest.answer().status()).isEqualTo(200);
    assertThat(upstream.received())
        .extracting(request -> request.json().path("prompt").asText())
        .startsWith("under way", "waiting 0", "modest");
  }

  private int waiting() {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("refrain_upstream_waiting{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf("} ") + 2)))
        .sum();
  }

  private RawClient ask(String who, String prompt) throws IOException {
    RawClient client = proxy.connect();
    clients.add(client);
    String field = team ? "X-Team: " + who : "Authorization: Bearer sk-" + who + "-0000000";
    return client.post(Examples.sampling(prompt), field);
  }
}
