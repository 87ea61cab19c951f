package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the management port says was paid and saved is what a person adds up by hand. */
class SavingsTest {
  // So dear that each answer costs whole units.
  private static final String SETTINGS =
      """
      keys: [{name: search, secret: sk-search-12345678}, {name: chat, secret: sk-chat-1234567890, tenant: search}]
      metrics: {currency: EUR, prices: [{model: "*", prompt: 1000000, completion: 2000000}]}
      """;
  private static final String SEARCH = "Bearer sk-search-12345678";
  private static final String CHAT = "Bearer sk-chat-1234567890";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "", SETTINGS);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void savingsByModelEndpointAndKeyEqualASumMadeByHand() throws Exception {
    JsonNode usage = Json.read(post(Examples.REQUEST, SEARCH)).path("usage"); // paid by search
    post(Examples.REQUEST, SEARCH); // saved for search
    post(Examples.REQUEST, CHAT); // saved for chat
    post(Examples.streaming(), CHAT); // saved for chat
    post(Examples.sampling("x"), CHAT); // paid by chat
    long prompt = usage.path("prompt_tokens").asLong();
    long completion = usage.path("completion_tokens").asLong();
    double each = prompt + 2.0 * completion;

    JsonNode savings = Json.read(proxy.manage("/savings").body());

    assertThat(savings.path("currency").asText()).isEqualTo("EUR");
    assertThat(savings.at("/paid/money").asDouble()).isEqualTo(2 * each, within(0.001));
    assertThat(savings.at("/saved/money").asDouble()).isEqualTo(3 * each, within(0.001));
    assertThat(savings.at("/saved/tokens").asLong()).isEqualTo(3 * (prompt + completion));
    assertThat(money(savings, "search", "memory")).isEqualTo(each, within(0.001));
    assertThat(money(savings, "search", "upstream")).isEqualTo(each, within(0.001));
    assertThat(money(savings, "chat", "memory")).isEqualTo(2 * each, within(0.001));
    assertThat(money(savings, "chat", "upstream")).isEqualTo(each, within(0.001));
    assertThat(savings.path("rows"))
        .allMatch(row -> row.path("endpoint").asText().equals("completions"));
  }

  @Test
  void whatAKeyPaidAndWasSavedIsInTheMetrics() throws Exception {
    post(Examples.REQUEST, SEARCH);
    post(Examples.REQUEST, CHAT);
    double each = Json.read(proxy.manage("/savings").body()).at("/paid/money").asDouble();

    String metrics = proxy.manage("/metrics").body();

    String series = "refrain_key_cost_total{currency=\"EUR\",key=\"%s\",kind=\"%s\"} ";
    assertThat(metrics).contains(series.formatted("search", "paid") + each);
    assertThat(metrics).contains(series.formatted("search", "saved") + "0.0");
    assertThat(metrics).contains(series.formatted("chat", "saved") + each);
  }

  @Test
  void copiesOfAChoiceAreSavedToo() throws Exception {
    post(Examples.REQUEST.replace("\"n\":1", "\"n\":3"), SEARCH);

    JsonNode savings = Json.read(proxy.manage("/savings").body());

    assertThat(row(savings, "search", "copy").path("answers").asInt()).isEqualTo(2);
    assertThat(money(savings, "search", "copy")).isPositive();
  }

  @Test
  void theSameComesAsCsvForASpreadsheet() throws Exception {
    post(Examples.REQUEST, SEARCH);

    List<String> lines = proxy.manage("/savings?format=csv&since=7d").body().lines().toList();

    assertThat(lines.get(0))
        .isEqualTo(
            "model,endpoint,key,source,answers,prompt_tokens,completion_tokens,money,currency");
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).contains(",completions,search,upstream,1,").endsWith(",EUR");
  }

  @Test
  void aCellThatWouldBeAFormulaIsText() throws Exception {
    post(Examples.REQUEST.replaceFirst("\"model\":\\s*\"[^\"]*\"", "\"model\":\"=1+1,2\""), SEARCH);

    assertThat(proxy.manage("/savings?format=csv").body()).contains("\n\"'=1+1,2\",completions,");
  }

  @Test
  void aTimeToComeHasNoRowsAndOneThatIsNoneIsNamed() throws Exception {
    post(Examples.REQUEST, SEARCH);

    assertThat(rows(Json.read(proxy.manage("/savings?since=2100-01-01").body()))).isEmpty();
    assertThat(rows(Json.read(proxy.manage("/savings?since=2000-01-01T00:00:00Z").body())))
        .hasSize(1);
    assertThat(proxy.manage("/savings?since=yesterday").statusCode()).isEqualTo(400);
    assertThat(proxy.manage("/savings?until=now").body()).contains("\"param\":\"until\"");
  }

  private String post(String body, String key) throws Exception {
    return proxy.post(body, "Authorization", key).body();
  }

  private static double money(JsonNode savings, String key, String source) {
    return row(savings, key, source).path("money").asDouble();
  }

  private static JsonNode row(JsonNode savings, String key, String source) {
    return StreamSupport.stream(savings.path("rows").spliterator(), false)
        .filter(row -> row.path("key").asText().equals(key))
        .filter(row -> row.path("source").asText().equals(source))
        .findFirst()
        .orElseThrow();
  }

  private static List<JsonNode> rows(JsonNode savings) {
    List<JsonNode> rows = new ArrayList<>();
    savings.path("rows").forEach(rows::add);
    return rows;
  }
}
