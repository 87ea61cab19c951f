package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.demo.UpstreamClient.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SimulatedUpstreamTest {
  private final Vertx vertx = Vertx.vertx();
  private SimulatedUpstream upstream;
  private UpstreamClient client;

  @BeforeEach
  void start() {
    upstream = awaited(SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)));
    client = new UpstreamClient(vertx, upstream.port());
  }

  @AfterEach
  void stop() {
    awaited(upstream.stop());
    awaited(vertx.close());
  }

  @Test
  void aPlainAnswerHasTheShapeOfTheApiAndFieldsOfItsOwn() {
    Reply reply = client.ask(question());

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.head().getHeader("content-type")).isEqualTo("application/json");
    assertThat(reply.json().fieldNames())
        .contains("id", "object", "created", "model", "system_fingerprint", "usage", "x_provider");
    assertThat(reply.body()).contains("\"serial\":9007199254740993", "\"x_voice\":0.10");
    assertThat(reply.choice(0).getInteger("index")).isZero();
    assertThat(reply.choice(0).getString("finish_reason")).isEqualTo("length");
    assertThat(reply.choice(0).getValue("logprobs")).isNull();
  }

  @Test
  void sixteenTokensAreGeneratedUnlessToldOtherwise() {
    Reply reply = client.ask(question());

    assertThat(reply.json().getJsonObject("usage"))
        .isEqualTo(JsonObject.of("prompt_tokens", 4, "completion_tokens", 16, "total_tokens", 20));
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.tokens()).isEqualTo(20);
  }

  @Test
  void atTemperatureZeroEqualQuestionsGetEqualText() {
    String first = client.ask(question()).text();

    assertThat(client.ask(question()).text()).isEqualTo(first);
    assertThat(client.ask(question().put("prompt", "Another")).text()).isNotEqualTo(first);
    assertThat(client.ask(question().put("model", "another")).text()).isNotEqualTo(first);
    assertThat(client.ask(question().put("seed", 7)).text()).isNotEqualTo(first);
    assertThat(client.ask(question().put("max_tokens", 40)).text()).startsWith(first);
  }

  @Test
  void aboveTemperatureZeroOnlyASeedMakesTextsEqual() {
    JsonObject sampled = question().put("temperature", 1);
    JsonObject seeded = question().put("temperature", 1).put("seed", 42);

    assertThat(client.ask(sampled).text()).isNotEqualTo(client.ask(sampled).text());
    assertThat(client.ask(seeded).text()).isEqualTo(client.ask(seeded).text());
  }

  @Test
  void samplesOfOneCallSayWhatCallsWithRisingSeedsSay() {
    JsonObject seeded = question().put("temperature", 1).put("seed", 42);

    Reply both = client.ask(seeded.copy().put("n", 2));

    assertThat(both.choice(0).getString("text")).isEqualTo(client.ask(seeded).text());
    assertThat(both.choice(1).getString("text"))
        .isEqualTo(client.ask(seeded.copy().put("seed", 43)).text());
  }

  @Test
  void theIndexCountsSamplesWithinPrompts() {
    JsonArray prompts = JsonArray.of("one", "two", "three");
    Reply reply = client.ask(question().put("prompt", prompts).put("n", 2));

    assertThat(reply.json().getJsonArray("choices")).hasSize(6);
    for (int i = 0; i < 6; i++) {
      JsonObject alone = question().put("prompt", prompts.getString(i / 2)).put("n", 2);
      assertThat(reply.choice(i).getInteger("index")).isEqualTo(i);
      assertThat(reply.choice(i).getString("text"))
          .isEqualTo(client.ask(alone).choice(i % 2).getString("text"));
    }
  }

  @Test
  void tokensAreAPromptAndArraysOfTokensAreSeveral() {
    Reply one = client.ask(question().put("prompt", JsonArray.of(1, 2, 3)));
    Reply two =
        client.ask(question().put("prompt", JsonArray.of(JsonArray.of(1), JsonArray.of(2, 3))));

    assertThat(one.json().getJsonArray("choices")).hasSize(1);
    assertThat(two.json().getJsonArray("choices")).hasSize(2);
    assertThat(two.json().getJsonObject("usage").getInteger("prompt_tokens")).isEqualTo(3);
    assertThat(client.ask(question().put("prompt", "1")).text())
        .isNotEqualTo(client.ask(question().put("prompt", JsonArray.of(1))).text());
  }

  @Test
  void aStreamSaysWhatThePlainAnswerSaysOneTokenAnEvent() {
    Reply plain = client.ask(question());
    Reply stream = client.ask(question().put("stream", true));

    assertThat(stream.head().getHeader("content-type")).isEqualTo("text/event-stream");
    assertThat(stream.done()).isTrue();
    assertThat(stream.events()).hasSize(16);
    assertThat(textOf(stream, 0)).isEqualTo(plain.text());
    assertThat(stream.choices().get(14).getString("finish_reason")).isNull();
    assertThat(stream.choices().get(15).getString("finish_reason")).isEqualTo("length");
    assertThat(stream.body()).doesNotContain("\"usage\"");
  }

  @Test
  void choicesOfAStreamInterleave() {
    Reply stream = client.ask(question().put("stream", true).put("n", 3).put("max_tokens", 2));

    assertThat(stream.choices())
        .extracting(choice -> choice.getInteger("index"))
        .containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void usageComesLastAndOnlyWhenAskedFor() {
    JsonObject options = JsonObject.of("include_usage", true);
    Reply stream = client.ask(question().put("stream", true).put("stream_options", options));

    JsonObject last = stream.events().get(16);
    assertThat(last.getJsonArray("choices")).isEmpty();
    assertThat(last.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(16);
    assertThat(stream.events().get(0).containsKey("usage")).isTrue();
    assertThat(stream.events().get(0).getValue("usage")).isNull();
  }

  @Test
  void aStopSequenceAcrossTokensEndsTheTextBeforeIt() {
    String whole = client.ask(question()).text();
    String stop = whole.substring(whole.length() / 2 - 3, whole.length() / 2 + 3);
    String expected = whole.substring(0, whole.indexOf(stop));
    JsonObject stopped = question().put("stop", JsonArray.of("not in it", stop));

    Reply plain = client.ask(stopped);
    Reply stream = client.ask(stopped.copy().put("stream", true));

    assertThat(plain.text()).isEqualTo(expected);
    assertThat(plain.choice(0).getString("finish_reason")).isEqualTo("stop");
    assertThat(textOf(stream, 0)).isEqualTo(expected);
    assertThat(stream.choices().get(stream.choices().size() - 1).getString("finish_reason"))
        .isEqualTo("stop");
  }

  @Test
  void anEchoPutsThePromptBeforeTheText() {
    String text = client.ask(question()).text();
    JsonObject echoed = question().put("echo", true);

    assertThat(client.ask(echoed).text()).isEqualTo("Say this once again" + text);
    assertThat(textOf(client.ask(echoed.copy().put("stream", true)), 0))
        .isEqualTo("Say this once again" + text);
    assertThat(client.ask(echoed.copy().put("max_tokens", 0)).text())
        .isEqualTo("Say this once again");
  }

  @Test
  void logprobsOfAStreamAddUpToThoseOfThePlainAnswer() {
    JsonObject asked = question().put("logprobs", 2).put("echo", true);
    JsonObject plain = client.ask(asked).choice(0).getJsonObject("logprobs");
    Reply stream = client.ask(asked.copy().put("stream", true));

    assertThat(plain.getJsonArray("tokens")).hasSize(20);
    assertThat(plain.getJsonArray("token_logprobs").getValue(0)).isNull();
    assertThat(plain.getJsonArray("top_logprobs").getJsonObject(19)).hasSize(2);
    for (String field : plain.fieldNames()) {
      JsonArray joined = new JsonArray();
      stream.choices().forEach(c -> joined.addAll(c.getJsonObject("logprobs").getJsonArray(field)));
      assertThat(joined).as(field).isEqualTo(plain.getJsonArray(field));
    }
  }

  @Test
  void textOffsetsPointAtTheirTokens() {
    Reply reply = client.ask(question().put("logprobs", 0).put("max_tokens", 60));
    JsonObject logprobs = reply.choice(0).getJsonObject("logprobs");

    int[] points = reply.text().codePoints().toArray();
    for (int i = 0; i < 60; i++) {
      String token = logprobs.getJsonArray("tokens").getString(i);
      int offset = logprobs.getJsonArray("text_offset").getInteger(i);
      assertThat(new String(points, offset, token.codePointCount(0, token.length())))
          .isEqualTo(token);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"prompt\":\"x\"}|model",
        "{\"model\":\"m\",\"n\":\"2\"}|n",
        "{\"model\":\"m\",\"n\":0}|n",
        "{\"model\":\"m\",\"max_tokens\":-1}|max_tokens",
        "{\"model\":\"m\",\"max_tokens\":99999999}|max_tokens",
        "{\"model\":\"m\",\"temperature\":\"0\"}|temperature",
        "{\"model\":\"m\",\"prompt\":[\"x\",1]}|prompt",
        "{\"model\":\"m\",\"prompt\":{}}|prompt",
        "{\"model\":\"m\",\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}|stop",
        "{\"model\":\"m\",\"stream\":\"true\"}|stream",
        "{\"model\":\"m\",\"stream_options\":{}}|stream_options",
        "{\"model\":\"m\",\"seed\":1.5}|seed"
      })
  void whatHasNoMeaningIsRefusedWithTheFieldsName(String bodyAndParam) {
    String[] parts = bodyAndParam.split("\\|");
    Reply reply = client.ask(parts[0]);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error().getString("param")).isEqualTo(parts[1]);
    assertThat(upstream.tokens()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "null", "\"x\""})
  void whatIsNoObjectIsRefused(String body) {
    Reply reply = client.ask(body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error().getString("type")).isEqualTo("invalid_request_error");
  }

  @Test
  void otherPathsAnswerWithTheErrorObject() {
    assertThat(client.get("/v1/models").json().getJsonArray("data"))
        .extracting(model -> ((JsonObject) model).getString("id"))
        .contains("gpt-3.5-turbo-instruct", "error-429");
    assertThat(client.get("/v1/completions").status()).isEqualTo(405);
    assertThat(client.get("/v1/unknown").error().getString("message")).isNotEmpty();
  }

  private static String textOf(Reply stream, int index) {
    List<JsonObject> choices = stream.choices();
    return choices.stream()
        .filter(choice -> choice.getInteger("index") == index)
        .map(choice -> choice.getString("text"))
        .collect(Collectors.joining());
  }

  private static JsonObject question() {
    return new JsonObject()
        .put("model", "gpt-3.5-turbo-instruct")
        .put("prompt", "Say this once again")
        .put("temperature", 0);
  }
}
