package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The management port lists what is stored in memory. */
class EntriesTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void entriesAreListedWithTheirHitsAndPurgedByTheirFingerprint() throws Exception {
    proxy.post(Examples.asking("once"));
    proxy.post(Examples.asking("often"));
    proxy.post(Examples.asking("often"));
    proxy.post(Examples.asking("often"));

    JsonNode first = list("hits").get(0);

    assertThat(list("size")).hasSize(2);
    assertThat(list("age")).hasSize(2);
    assertThat(first.path("hits").asInt()).isEqualTo(2);
    assertThat(first.path("model").asText()).isEqualTo("m");
    assertThat(first.path("bytes").asInt()).isPositive();
    proxy.order("/cache/purge?fingerprint=" + first.path("fingerprint").asText());
    assertThat(list("hits")).hasSize(1);
    assertThat(list("hits").get(0).path("hits").asInt()).isZero();
  }

  @Test
  void anUnknownOrderIsNamed() {
    assertThat(proxy.manage("/entries?by=taste").statusCode()).isEqualTo(400);
    assertThat(proxy.manage("/entries?by=taste").body()).contains("\"param\":\"by\"");
  }

  private JsonNode list(String by) {
    return Json.read(proxy.manage("/entries?by=" + by).body()).path("entries");
  }
}
