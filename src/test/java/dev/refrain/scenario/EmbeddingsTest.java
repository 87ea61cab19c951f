package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code POST /v1/embeddings}: each input is looked up, shared and stored alone. */
class EmbeddingsTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Vectors::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void ofSixtyFourInputsOnlyTheFourMissingAreAskedForInOneCall() {
    post(Vectors.texts(0, 60));
    HttpResponse<String> answer = post(Vectors.texts(0, 64));

    assertThat(asked(1)).containsExactly("t60", "t61", "t62", "t63");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(Vectors.of(answer)).isEqualTo(Vectors.numbers(texts(0, 64)));
    assertThat(tokens(answer)).isEqualTo(64 * 3);
    assertThat(Json.read(answer.body()).at("/usage/total_tokens").asInt()).isEqualTo(64 * 3);
    assertThat(header(answer, "Cache-Status")).contains("60 of 64");
    assertThat(header(answer, "X-Refrain-Usage")).isEqualTo("apportioned");
    assertThat(header(answer, "X-Refrain-Upstream-Tokens")).isEqualTo("12");
  }

  @Test
  void twoThousandColdInputsAreOneCallAndNumbersStayAsTheyWereWritten() {
    HttpResponse<String> answer = post(Vectors.texts(0, 2048));

    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(Vectors.of(answer)).isEqualTo(Vectors.numbers(texts(0, 2048)));
    assertThat(answer.body()).contains(Vectors.numbers("t2047")).contains("\"object\":\"list\"");
    assertThat(tokens(answer)).isEqualTo(2048 * 3);
    assertThat(post(Vectors.texts(0, 2048)).body()).isEqualTo(answer.body());
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void anInputOfABatchIsTheAnswerToARequestForItAlone() {
    post(Vectors.texts(0, 3));
    HttpResponse<String> one = post("\"t1\"");

    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(one.body())
        .isEqualTo(
            Vectors.document(
                "{\"object\":\"embedding\",\"index\":0,\"embedding\":%s}"
                    .formatted(Vectors.numbers("t1")),
                3));
    assertThat(header(one, "Cache-Status")).contains("hit").contains("detail=memory");
    assertThat(header(one, "X-Refrain-Usage")).isEqualTo("apportioned");
  }

  @Test
  void overlappingRequestsAskForEachInputOnce() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(Vectors.answer(request)));
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, 24).mapToObj(i -> later(Vectors.texts(i, i + 10))).toList();
    await().until(() -> metric("refrain_collapsed_total") == 207);
    gate.open();

    for (int i = 0; i < 24; i++) {
      assertThat(Vectors.of(answers.get(i).join())).isEqualTo(Vectors.numbers(texts(i, i + 10)));
    }
    List<String> all = upstream.received().stream().flatMap(r -> asked(r).stream()).toList();
    assertThat(new HashSet<>(all)).hasSameSizeAs(all).hasSize(33);
  }

  @Test
  void equalInputsOfOneRequestAreAskedForOnceAndCountedEachTime() {
    HttpResponse<String> answer = post("[\"a\",\"b\",\"a\",\"a\"]");

    assertThat(asked(0)).containsExactly("a", "b");
    assertThat(Vectors.of(answer)).isEqualTo(Vectors.numbers(List.of("a", "b", "a", "a")));
    assertThat(tokens(answer)).isEqualTo(4 * 3);
    assertThat(header(answer, "X-Refrain-Upstream-Tokens")).isEqualTo("6");
  }

  @Test
  void usageIsExactOfTokensAndOfASingleInput() {
    HttpResponse<String> tokens = post("[[1,2],[3,4,5]]");
    HttpResponse<String> single = post("[\"a\"]");

    assertThat(header(tokens, "X-Refrain-Usage")).isNull();
    assertThat(header(single, "X-Refrain-Usage")).isNull();
    assertThat(tokens(post("[3,4,5]"))).isEqualTo(3);
    assertThat(header(post("[1,2]"), "X-Refrain-Usage")).isNull();
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void sharesOfABatchOfTextsAddUpToWhatItCost() {
    upstream.play(
        Script.json(
            Vectors.document(
                "{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[2]}", 10)));
    assertThat(tokens(post("[\"short\",\"a text that is much longer\"]"))).isEqualTo(10);

    assertThat(tokens(post("\"short\"")) + tokens(post("\"a text that is much longer\"")))
        .isEqualTo(10);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void formatsDimensionsModelsAndShapesOfInputAreNeverMixed() {
    List<String> bodies =
        List.of(
            Vectors.asking("\"1\""),
            Vectors.asking("[1]"),
            Vectors.asking("\"1\"", "\"encoding_format\":\"base64\""),
            Vectors.asking("\"1\"", "\"encoding_format\":\"float\""),
            Vectors.asking("\"1\"", "\"dimensions\":256"),
            Vectors.asking("\"1\"", "\"dimensions\":512"),
            Vectors.asking("\"1\"", "\"input_type\":\"query\""),
            Vectors.asking("\"1 \""),
            Vectors.asking("\"1\"").replace("\"m\"", "\"other\""));
    List<String> first = bodies.stream().map(body -> send(body).body()).toList();
    assertThat(upstream.calls()).isEqualTo(bodies.size());

    assertThat(bodies.stream().map(body -> send(body).body()).toList()).isEqualTo(first);
    assertThat(upstream.calls()).isEqualTo(bodies.size());
    assertThat(first.get(2)).contains(Vectors.encoded("1"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"model\":\"m\",\"input\":\"x\"} | {\"model\":\"m\",\"input\":[\"x\"],\"user\":\"u\"}",
        "{\"model\":\"m\",\"input\":[1,2]} | {\"input\":[[1, 2]],\"model\":\"m\",\"priority\":3}",
        "{\"model\":\"m\",\"input\":\"x\"} |"
            + " {\"model\":\"m\",\"input\":\"\\u0078\",\"dimensions\":null}",
        "{\"model\":\"m\",\"input\":\"x\"} |"
            + " {\"model\":\"m\",\"input\":\"x\",\"encoding_format\":null}",
        "{\"model\":\"m\",\"input\":\"x\",\"dimensions\":8} |"
            + " {\"model\":\"m\",\"input\":\"x\",\"dimensions\":\"8\"}",
      })
  void whatMeansTheSameIsAskedForOnce(String one, String other) {
    send(one);
    assertThat(header(send(other), "Cache-Status")).contains("hit");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"late_chunking\":true,\"input\":[\"a\",\"b\"]}",
        "{\"model\":\"m\",\"input\":[{\"text\":\"a\"},{\"image\":\"https://i/1\"}]}",
        "{\"model\":\"m\",\"input\":[\"a\",{\"image\":\"https://i/1\"}]}",
        "{\"model\":\"m\",\"input\":[[{\"text\":\"a\"}],[\"b\"]]}",
      })
  void inputsThatDependOnEachOtherOrAreNotKnownAreOneCallAndStoredTogether(String body) {
    HttpResponse<String> first = send(body);
    HttpResponse<String> second = send(body);

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.received().get(0).text()).isEqualTo(body);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(Json.read(first.body()).path("data")).hasSize(2);
    assertThat(header(first, "X-Refrain-Usage")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}",
        "{\"model\":\"m\",\"input\":{\"text\":\"a\"}}",
        "{\"model\":\"m\",\"input\":[1,\"a\",2]}",
      })
  void whatIsOneInputOfAnotherShapeIsStored(String body) {
    upstream.play(Script.json(Vectors.document("{\"index\":0,\"embedding\":[1]}", 3)));
    send(body);

    assertThat(header(send(body), "Cache-Status")).contains("hit");
    assertThat(upstream.received().get(0).text()).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"index\":0,\"embedding\":[]}",
        "{\"index\":0,\"embedding\":\"\"}",
        "{\"index\":0,\"embedding\":null}",
        "{\"index\":0,\"embedding\":[1,null]}",
        "{\"index\":0,\"embedding\":[[1]]}",
        "{\"index\":0,\"embedding\":{\"float\":[1]}}",
        "{\"index\":0}",
        "{\"index\":1,\"embedding\":[1]}",
        "{\"index\":0,\"embedding\":[1],\"embedding\":[2]}",
        "{\"index\":0,\"embedding\":[1]},{\"index\":1,\"embedding\":[1]}",
        "",
      })
  void anAnswerThatDoesNotHoldOneVectorIsPassedOnAndNotStored(String data) {
    String strange = Vectors.document(data, 3);
    upstream.play(Script.json(strange));

    assertThat(post("\"a\"").body()).isEqualTo(strange);
    assertThat(post("\"a\"").body()).isEqualTo(strange);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"index\":0,\"embedding\":[1]}",
        "{\"index\":0,\"embedding\":[1]},{\"index\":0,\"embedding\":[2]}",
        "{\"index\":1,\"embedding\":[1]},{\"index\":2,\"embedding\":[2]}",
        "{\"embedding\":[1]},{\"embedding\":[2]}",
      })
  void anAnswerToABatchThatDoesNotHoldItsInputsIsAnErrorAndNothingIsStored(String data) {
    upstream.play(Script.json(Vectors.document(data, 3)));
    assertThat(post(Vectors.texts(0, 2)).statusCode()).isEqualTo(502);

    upstream.play(Vectors::answer);
    assertThat(Vectors.of(post(Vectors.texts(0, 2)))).isEqualTo(Vectors.numbers(texts(0, 2)));
  }

  @Test
  void aRefusalIsTheCallersAndThoseWhoWaitForAnInputOfItAskInOneCallOfTheirOwn() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(Vectors.answer(request)));
    CompletableFuture<HttpResponse<String>> poisoned = later("[\"t0\",\"t1\",\"t2\",\"bad\"]");
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> innocent = later(Vectors.texts(0, 3));
    await().until(() -> metric("refrain_collapsed_total") == 3);
    gate.open();

    assertThat(poisoned.join().statusCode()).isEqualTo(400);
    assertThat(Vectors.of(innocent.join())).isEqualTo(Vectors.numbers(texts(0, 3)));
    assertThat(asked(1)).containsExactly("t0", "t1", "t2");
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void elementsThatWereStoredAnswerWhileTheUpstreamIsAway() {
    post(Vectors.texts(0, 4));
    upstream.play(Script.silence().cut());

    assertThat(Vectors.of(post("[\"t3\",\"t1\"]"))).isEqualTo(Vectors.numbers(List.of("t3", "t1")));
    assertThat(post(Vectors.texts(0, 5)).statusCode()).isEqualTo(502);
  }

  @Test
  void inputsThatAnotherCallAnsweredAreStoredThoughTheirRequestFailsAsAWhole() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(Vectors.answer(request)));
    CompletableFuture<HttpResponse<String>> first = later(Vectors.texts(0, 2));
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> failing = later("[\"t0\",\"t1\",\"bad\"]");
    upstream.awaitCalls(2);
    gate.open();

    assertThat(failing.join().statusCode()).isEqualTo(400);
    assertThat(Vectors.of(first.join())).isEqualTo(Vectors.numbers(texts(0, 2)));
    assertThat(Vectors.of(post(Vectors.texts(0, 3)))).isEqualTo(Vectors.numbers(texts(0, 3)));
    assertThat(asked(1)).containsExactly("bad");
    assertThat(asked(2)).containsExactly("t2");
  }

  @Test
  void whatMustNotBeStoredGoesUpstreamAsItCame() {
    String body = Vectors.asking(Vectors.texts(0, 5));
    proxy.postTo(Vectors.PATH, body, "Cache-Control", "no-store");

    assertThat(upstream.received()).hasSize(1);
    assertThat(upstream.last().text()).isEqualTo(body);
  }

  @ParameterizedTest
  @ValueSource(strings = {"split", "batch", "auto"})
  void missingInputsAreOneCallWhateverTheModeOfTheUpstream(String mode) {
    try (Proxy other = Proxy.before(upstream.url(), "fanout: " + mode, "")) {
      other.postTo(Vectors.PATH, Vectors.asking(Vectors.texts(0, 5)));
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aRequestThatGoesUpstreamAsItCameAnswersForEachOfItsInputs() {
    try (Proxy other = Proxy.before(upstream.url(), "fanout: native", "")) {
      String body = Vectors.asking(Vectors.texts(0, 5));
      assertThat(other.postTo(Vectors.PATH, body).body())
          .isEqualTo(Vectors.document(upstream.last()));
      HttpResponse<String> three =
          other.postTo(Vectors.PATH, Vectors.asking("[\"t4\",\"t0\",\"t2\"]"));

      assertThat(upstream.calls()).isEqualTo(1);
      assertThat(upstream.last().text()).isEqualTo(body);
      assertThat(Vectors.of(three)).isEqualTo(Vectors.numbers(List.of("t4", "t0", "t2")));
      assertThat(tokens(three)).isEqualTo(9);
      assertThat(header(three, "X-Refrain-Usage")).isEqualTo("apportioned");
    }
  }

  @Test
  void aStreamIsNeverAskedForNorExpected() {
    try (Proxy other = Proxy.before(upstream.url(), "", "")) {
      String body = Vectors.asking("\"a\"", "\"stream\":true");
      other.postTo(Vectors.PATH, body);

      assertThat(upstream.last().text()).isEqualTo(body);
      assertThat(header(other.postTo(Vectors.PATH, body), "Cache-Status")).contains("hit");
    }
  }

  @Test
  void aKeyWithLimitsPaysForWhatIsMissingAndNothingForWhatIsStored() {
    String secret = "secret-of-who-spends";
    String keys = "keys: [{name: spends, secret: %s, models: [m], tokensPerMinute: 1}]";
    try (Proxy other = Proxy.before(upstream.url(), "", keys.formatted(secret))) {
      String body = Vectors.asking(Vectors.texts(0, 4));
      HttpResponse<String> paid = other.postTo(Vectors.PATH, body, "api-key", secret);
      HttpResponse<String> free = other.postTo(Vectors.PATH, body, "api-key", secret);
      HttpResponse<String> more =
          other.postTo(Vectors.PATH, Vectors.asking(Vectors.texts(3, 5)), "api-key", secret);
      HttpResponse<String> unknown =
          other.postTo(Vectors.PATH, body.replace("\"m\"", "\"x\""), "api-key", secret);

      assertThat(List.of(paid, free, more, unknown))
          .extracting(HttpResponse::statusCode)
          .containsExactly(200, 200, 429, 404);
      assertThat(other.manage("/metrics").body())
          .contains("refrain_key_tokens_total{key=\"spends\"} 12.0");
      assertThat(upstream.calls()).isEqualTo(1);
    }
  }

  @Test
  void theOfficialSdkGetsTheVectorsOfItsInputs() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder().baseUrl(proxy.url() + "/v1").apiKey("k").build();
    EmbeddingCreateParams asked =
        EmbeddingCreateParams.builder()
            .model("m")
            .inputOfArrayOfStrings(List.of("b", "a", "b"))
            .encodingFormat(EmbeddingCreateParams.EncodingFormat.FLOAT)
            .build();
    try {
      CreateEmbeddingResponse first = client.embeddings().create(asked);
      CreateEmbeddingResponse second = client.embeddings().create(asked);

      assertThat(first.data().stream().map(one -> one.embedding().get(0)))
          .containsExactly(98.5f, 97.5f, 98.5f);
      assertThat(second.data()).isEqualTo(first.data());
      assertThat(second.usage().promptTokens()).isEqualTo(9);
      assertThat(upstream.calls()).isEqualTo(1);
    } finally {
      client.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/embeddings",
    "DELETE, /v1/embeddings",
    "POST, /v1/embeddings/",
    "POST, /v1/embeddings/1"
  })
  void otherMethodsAndPathsPassThrough(String method, String path) {
    upstream.play(Script.json("{}"));
    HttpResponse<String> answer =
        proxy.send(proxy.request(path).method(method, BodyPublishers.ofString("1")).build());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "Cache-Status")).isNull();
  }

  private HttpResponse<String> post(String input) {
    return send(Vectors.asking(input));
  }

  private HttpResponse<String> send(String body) {
    return proxy.postTo(Vectors.PATH, body);
  }

  private CompletableFuture<HttpResponse<String>> later(String input) {
    return CompletableFuture.supplyAsync(
        () -> post(input), runnable -> new Thread(runnable).start());
  }

  private List<String> asked(int call) {
    return asked(upstream.received().get(call));
  }

  private static List<String> asked(Received request) {
    return Vectors.inputs(request);
  }

  private double metric(String name) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static List<String> texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "t" + i).toList();
  }

  private static long tokens(HttpResponse<String> answer) {
    JsonNode usage = Json.read(answer.body()).path("usage");
    return usage.path("prompt_tokens").asLong();
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse(null);
  }
}
