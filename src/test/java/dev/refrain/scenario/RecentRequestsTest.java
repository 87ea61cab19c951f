package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.management.RecentRequests;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The management port lists the last requests, and why each was answered as it was. */
class RecentRequestsTest {
  private static final String KEYS =
      "keys: [{name: search, secret: sk-search-12345678}, {name: chat, secret:"
          + " sk-chat-1234567890}]";
  private static final String SEARCH = "Bearer sk-search-12345678";
  private static final String CHAT = "Bearer sk-chat-1234567890";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", KEYS);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void eachRequestIsListedWithItsReasonTheNewestFirst() throws Exception {
    proxy.post(Examples.REQUEST, "Authorization", SEARCH);
    proxy.post(Examples.REQUEST, "Authorization", SEARCH);
    proxy.post(Examples.streaming(), "Authorization", SEARCH);
    proxy.post(Examples.sampling("x"), "Authorization", CHAT);
    proxy.post(Examples.REQUEST, "Authorization", "Bearer unknown");
    proxy.post("{\"model\":\"m\",\"prompt\":\"x\",\"n\":1000000}", "Authorization", CHAT);

    List<JsonNode> all = list("");

    assertThat(all)
        .extracting(each -> each.path("reason").asText())
        .containsExactly("invalid", "invalid_api_key", "sampled", "hit", "hit", "uri-miss");
    assertThat(all)
        .extracting(each -> each.path("source").asText())
        .containsExactly("null", "null", "upstream", "memory", "memory", "upstream");
    JsonNode hit = all.get(4);
    assertThat(hit.path("key").asText()).isEqualTo("search");
    assertThat(hit.path("endpoint").asText()).isEqualTo("completions");
    assertThat(hit.path("model").asText()).isNotEmpty();
    assertThat(hit.path("status").asInt()).isEqualTo(200);
    assertThat(hit.path("promptTokens").asInt() + hit.path("completionTokens").asInt())
        .isEqualTo(12);
    assertThat(hit.path("milliseconds").asDouble()).isPositive();
    assertThat(all.get(3).path("framing").asText()).isEqualTo("stream");
  }

  @Test
  void parametersSelectSome() throws Exception {
    proxy.post(Examples.REQUEST, "Authorization", SEARCH);
    proxy.post(Examples.REQUEST, "Authorization", SEARCH);
    proxy.post(Examples.REQUEST, "Authorization", "Bearer unknown");

    assertThat(list("?status=4xx")).hasSize(1);
    assertThat(list("?status=200")).hasSize(2);
    assertThat(list("?status=200&reason=hit")).hasSize(1);
    assertThat(list("?key=chat")).isEmpty();
    assertThat(list("?source=none")).hasSize(1);
    assertThat(list("?endpoint=completions&limit=1")).hasSize(1);
    assertThat(proxy.manage("/requests?stauts=200").statusCode()).isEqualTo(400);
    assertThat(proxy.manage("/requests?limit=many").body()).contains("\"param\":\"limit\"");
  }

  @Test
  void theOldestGiveWay() throws Exception {
    for (int i = 0; i < RecentRequests.MOST + 10; i++) {
      proxy.post(Examples.REQUEST, "Authorization", i < 10 ? CHAT : SEARCH);
    }

    assertThat(list("?limit=" + RecentRequests.MOST))
        .hasSize(RecentRequests.MOST)
        .allMatch(each -> each.path("key").asText().equals("search"));
  }

  private List<JsonNode> list(String query) throws Exception {
    List<JsonNode> all = new ArrayList<>();
    Json.read(proxy.manage("/requests" + query).body()).path("requests").forEach(all::add);
    return all;
  }
}
