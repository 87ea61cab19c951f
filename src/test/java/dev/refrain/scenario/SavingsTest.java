package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
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

  // In cents for a token, as the upstream below counts: (prompt, completion) small 1 and 2, large
  // 10
  // and 30, vectors 1 and nothing.
  private static final String PRICED =
      """
      keys: [{name: search, secret: sk-search-12345678, tenant: t}, {name: chat, secret: sk-chat-1234567890, tenant: t}]
      cache: {rules: [{name: creative, when: {temperature: present, seed: present}, cache: on}]}
      metrics:
        currency: EUR
        prices:
          - {model: small, prompt: 10000, completion: 20000}
          - {model: large, prompt: 100000, completion: 300000}
          - {model: vectors, prompt: 10000, completion: 0}
      """;

  private static Script counted(Received request) {
    return switch (request.head().target()) {
      case "/v1/embeddings" ->
          Script.json(
              "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,"
                  + "\"embedding\":[0.5]}],\"model\":\"vectors\","
                  + "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}");
      case "/v1/chat/completions" ->
          Script.json(
              "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"x\",\"choices\":"
                  + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},"
                  + "\"finish_reason\":\"stop\"}],"
                  + "\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":3,\"total_tokens\":14}}");
      default -> Script.json(Examples.ANSWER); // 5 and 7 tokens
    };
  }

  @Test
  void savingsOfSeveralModelsEndpointsKeysAndRulesEqualASumMadeByHandToTheCent() throws Exception {
    upstream.play(SavingsTest::counted);
    String completion = "{\"model\":\"%s\",\"prompt\":\"p\",\"temperature\":0}";
    String chat =
        "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"p\"}],\"temperature\":0.7,"
            + "\"seed\":1}";
    String vector = "{\"model\":\"vectors\",\"input\":\"p\"}";
    try (Proxy priced = Proxy.before(upstream.url(), "", PRICED)) {
      BiConsumer<String, String> search = (path, body) -> ask(priced, path, body, SEARCH);
      BiConsumer<String, String> talk = (path, body) -> ask(priced, path, body, CHAT);
      search.accept("completions", completion.formatted("small")); // paid 5 + 7 * 2 = 19 cents
      search.accept("completions", completion.formatted("small")); // saved 19
      talk.accept("completions", completion.formatted("small")); // saved 19
      talk.accept("completions", completion.formatted("large")); // paid 5 * 10 + 7 * 30 = 260
      talk.accept("chat/completions", chat.formatted("large")); // paid 11 * 10 + 3 * 30 = 200
      talk.accept("chat/completions", chat.formatted("large")); // saved 200
      search.accept("chat/completions", chat.formatted("large")); // saved 200
      search.accept("chat/completions", chat.formatted("small")); // paid 11 + 3 * 2 = 17
      talk.accept("embeddings", vector); // paid 7
      for (int i = 0; i < 3; i++) {
        search.accept("embeddings", vector); // saved 7
      }

      JsonNode savings = Json.read(priced.manage("/savings").body());
      List<String> rows = new ArrayList<>();
      for (JsonNode row : savings.path("rows")) {
        rows.add(
            "%s %s %s %s %s %.2f"
                .formatted(
                    row.path("model").asText(),
                    row.path("endpoint").asText(),
                    row.path("key").asText(),
                    row.path("rule").asText(),
                    row.path("source").asText(),
                    row.path("money").decimalValue()));
      }
      assertThat(rows)
          .containsExactlyInAnyOrder(
              "small completions search null upstream 0.19",
              "small completions search null memory 0.19",
              "small completions chat null memory 0.19",
              "large completions chat null upstream 2.60",
              "large chat chat creative upstream 2.00",
              "large chat chat creative memory 2.00",
              "large chat search creative memory 2.00",
              "small chat search creative upstream 0.17",
              "vectors embeddings chat null upstream 0.07",
              "vectors embeddings search null memory 0.21");
      assertThat(savings.at("/paid/money").decimalValue()).isEqualByComparingTo("5.03");
      assertThat(savings.at("/saved/money").decimalValue()).isEqualByComparingTo("4.59");
      Map<String, Double> costs =
          Map.of(
              "cost_total{currency=\"EUR\",endpoint=\"chat\",model=\"large\",source=\"memory\"}",
              4.0,
              "cost_total{currency=\"EUR\",endpoint=\"completions\",model=\"small\",source=\"memory\"}",
              0.38,
              "cost_total{currency=\"EUR\",endpoint=\"embeddings\",model=\"vectors\",source=\"upstream\"}",
              0.07,
              "rule_tokens_total{kind=\"saved\",rule=\"creative\"}",
              28.0,
              "rule_cost_total{currency=\"EUR\",kind=\"paid\",rule=\"creative\"}",
              2.17,
              "rule_cost_total{currency=\"EUR\",kind=\"saved\",rule=\"default\"}",
              0.59);
      String metrics = priced.manage("/metrics").body();
      costs.forEach(
          (series, value) ->
              assertThat(value(metrics, "refrain_" + series))
                  .as(series)
                  .isEqualTo(value, within(1e-9)));
    }
  }

  private static double value(String metrics, String series) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  private static void ask(Proxy priced, String path, String body, String key) {
    assertThat(priced.postTo("/v1/" + path, body, "Authorization", key).statusCode())
        .isEqualTo(200);
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
            "model,endpoint,key,rule,source,answers,prompt_tokens,completion_tokens,money,currency");
    assertThat(lines).hasSize(2);
    assertThat(lines.get(1)).contains(",completions,search,,upstream,1,").endsWith(",EUR");
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
