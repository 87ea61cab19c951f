package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code fanout: batch}: what is missing of an array is asked for in one call. */
class BatchedCallsTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(BatchedCallsTest::answer);
  private final Proxy proxy = Proxy.before(upstream.url(), "fanout: batch", "");

  @AfterEach
  void close() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void ofSixtyFourPromptsOnlyTheFourMissingAreAskedForInOneCall() {
    proxy.post(body(prompts(0, 60), 1, 0));
    HttpResponse<String> answer = proxy.post(body(prompts(0, 64), 1, 0));
    assertThat(asked(1)).containsExactly("p60", "p61", "p62", "p63");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(texts(answer))
        .isEqualTo(IntStream.range(0, 64).mapToObj(i -> "p" + i + "!").toList());
    assertThat(answer.headers().firstValue("Cache-Status").orElseThrow()).contains("60 of 64");
    JsonNode usage = Json.read(answer.body()).path("usage");
    assertThat(usage.path("prompt_tokens").asInt()).isEqualTo(64 * 3);
    assertThat(usage.path("completion_tokens").asInt()).isEqualTo(64 * 2);
    assertThat(usage.path("total_tokens").asInt()).isEqualTo(64 * 5);
    assertThat(answer.headers().firstValue("X-Refrain-Usage")).contains("apportioned");
    assertThat(answer.headers().firstValue("X-Refrain-Upstream-Tokens")).contains("20");
  }

  @Test
  void theWholeComesFromMemoryTheSecondTime() {
    HttpResponse<String> first = proxy.post(body(prompts(0, 8), 1, 0));
    HttpResponse<String> second = proxy.post(body(prompts(0, 8), 1, 0));
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.headers().firstValue("Cache-Status").orElseThrow()).contains("hit");
    assertThat(second.headers().firstValue("X-Refrain-Usage")).contains("apportioned");
  }

  @Test
  void equalPromptsOfOneRequestAreAskedForOnce() {
    HttpResponse<String> answer = proxy.post(body("[\"a\",\"b\",\"a\",\"a\"]", 1, 0));
    assertThat(asked(0)).containsExactly("a", "b");
    assertThat(texts(answer)).containsExactly("a!", "b!", "a!", "a!");
  }

  @Test
  void choicesOfOnePromptAreOneCallAndEachIsKept() {
    String forced = "X-Refrain-Cache";
    HttpResponse<String> answer = proxy.post(body("\"x\"", 3, 1), forced, "force");
    assertThat(upstream.received().get(0).json().path("n").asInt()).isEqualTo(3);
    assertThat(texts(answer)).containsExactly("x!", "x!1", "x!2");
    proxy.post(body("\"x\"", 5, 1), forced, "force");
    assertThat(upstream.received().get(1).json().path("n").asInt()).isEqualTo(2);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void samplesOfSeveralPromptsRepeatThePromptAndSeedsDivideTheCalls() {
    HttpResponse<String> answer =
        proxy.post(body("[\"a\",\"b\"]", 2, 1), "X-Refrain-Cache", "force");
    assertThat(asked(0)).containsExactly("a", "a", "b", "b");
    assertThat(texts(answer)).hasSize(4);
    proxy.post(
        body("[\"a\",\"b\"]", 2, 1).replace("\"n\"", "\"seed\":7,\"n\""),
        "X-Refrain-Cache",
        "force");
    assertThat(
            upstream.received().subList(1, 3).stream().map(one -> one.json().path("seed").asInt()))
        .containsExactlyInAnyOrder(7, 8);
    assertThat(asked(1)).containsExactly("a", "b");
  }

  @Test
  void whatAnotherRequestIsFetchingIsWaitedForAndNotAskedAgain() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(answer(request)));
    CompletableFuture<HttpResponse<String>> first =
        CompletableFuture.supplyAsync(() -> proxy.post(body(prompts(0, 4), 1, 0)));
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> second =
        CompletableFuture.supplyAsync(() -> proxy.post(body(prompts(2, 6), 1, 0)));
    upstream.awaitCalls(2);
    gate.open();
    assertThat(texts(first.join())).containsExactly("p0!", "p1!", "p2!", "p3!");
    assertThat(texts(second.join())).containsExactly("p2!", "p3!", "p4!", "p5!");
    assertThat(asked(1)).containsExactly("p4", "p5");
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void aRefusalOfTheBatchIsTheCallersAndNotThatOfOthersWhoWaitForAPartOfIt() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(answer(request)));
    CompletableFuture<HttpResponse<String>> poisoned =
        CompletableFuture.supplyAsync(() -> proxy.post(body("[\"good\",\"bad\"]", 1, 0)));
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> innocent =
        CompletableFuture.supplyAsync(() -> proxy.post(body("\"good\"", 1, 0)));
    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();
    assertThat(poisoned.join().statusCode()).isEqualTo(400);
    assertThat(innocent.join().statusCode()).isEqualTo(200);
    assertThat(texts(innocent.join())).containsExactly("good!");
  }

  @Test
  void whatOneOfTwoCallsAnsweredIsStoredThoughTheRequestFailsAsAWhole() {
    Gate answered = new Gate();
    upstream.play(
        request ->
            request.json().path("seed").asInt() == 7
                ? answer(request)
                : Script.silence().pause(answered).then(Script.answer(400, "{\"error\":{}}")));
    String body = body("[\"a\",\"b\"]", 2, 1).replace("\"n\"", "\"seed\":7,\"n\"");
    CompletableFuture<HttpResponse<String>> failing =
        CompletableFuture.supplyAsync(() -> proxy.post(body, "X-Refrain-Cache", "force"));
    String stored = "refrain_flights_completed_total{outcome=\"answered\"} 2.0";
    await().until(() -> proxy.manage("/metrics").body().contains(stored));
    answered.open();
    assertThat(failing.join().statusCode()).isEqualTo(400);

    upstream.play(BatchedCallsTest::answer);
    assertThat(texts(proxy.post(body, "X-Refrain-Cache", "force"))).hasSize(4);
    assertThat(upstream.calls()).isEqualTo(3);
    assertThat(upstream.last().json().path("seed").asInt()).isEqualTo(8);
  }

  @Test
  void aRefusedBatchCostsNothingOfWhatWasKnown() {
    proxy.post(body("[\"a\",\"b\"]", 1, 0));
    assertThat(proxy.post(body("[\"a\",\"b\",\"c\",\"bad\"]", 1, 0)).statusCode()).isEqualTo(400);
    assertThat(asked(1)).containsExactly("c", "bad");
    assertThat(texts(proxy.post(body("[\"a\",\"b\",\"c\"]", 1, 0))))
        .containsExactly("a!", "b!", "c!");
    assertThat(upstream.last().json().path("prompt").asText()).isEqualTo("c");
  }

  @Test
  void aServerThatAnswersForFewerPromptsIsAnErrorAndNothingIsKept() {
    upstream.play(request -> Script.json("{\"choices\":[]}"));
    assertThat(proxy.post(body(prompts(0, 3), 1, 0)).statusCode()).isEqualTo(502);
    upstream.play(BatchedCallsTest::answer);
    assertThat(texts(proxy.post(body(prompts(0, 3), 1, 0)))).containsExactly("p0!", "p1!", "p2!");
  }

  @Test
  void whatCannotBeKeptGoesUpstreamAsItCame() {
    String sampled = body(prompts(0, 5), 1, 0.9);
    proxy.post(sampled);
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.received().get(0).text()).isEqualTo(sampled);
  }

  @Test
  void tokensAreCountedExactlyWhereNothingWasGenerated() {
    HttpResponse<String> answer =
        proxy.post(
            "{\"model\":\"m\",\"temperature\":0,\"max_tokens\":0,\"prompt\":[[1,2],[3,4,5]]}");
    assertThat(answer.headers().firstValue("X-Refrain-Usage")).isEmpty();
    HttpResponse<String> one =
        proxy.post("{\"model\":\"m\",\"temperature\":0,\"max_tokens\":0,\"prompt\":[[3,4,5]]}");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(Json.read(one.body()).path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
  }

  /** Choices in reverse order, as some servers give them; a prompt that is "bad" is refused. */
  private static Script answer(Received request) {
    JsonNode json = request.json();
    JsonNode prompt = json.path("prompt");
    List<String> prompts = new ArrayList<>();
    long tokens = 0;
    for (JsonNode one : prompt.isArray() ? prompt : List.of(prompt)) {
      prompts.add(one.isTextual() ? one.asText() : one.toString());
      tokens += one.isArray() ? one.size() : 3;
    }
    if (prompts.contains("bad")) {
      return Script.answer(
          400, "{\"error\":{\"message\":\"bad\"}}", "Content-Type: application/json");
    }
    int n = json.path("n").asInt(1);
    List<String> choices = new ArrayList<>();
    for (int i = 0; i < prompts.size() * n; i++) {
      String text = prompts.get(i / n) + "!" + (i % n == 0 ? "" : i % n);
      choices.add(
          0, "{\"text\":\"%s\",\"index\":%d,\"finish_reason\":\"stop\"}".formatted(text, i));
    }
    int out = json.path("max_tokens").asInt(2) == 0 ? 0 : 2 * choices.size();
    return Script.json(
        "{\"id\":\"c\",\"object\":\"text_completion\",\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d},\"choices\":[%s]}"
            .formatted(tokens, out, tokens + out, String.join(", ", choices)));
  }

  private List<String> asked(int call) {
    JsonNode prompt = upstream.received().get(call).json().path("prompt");
    return StreamSupport.stream(prompt.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static List<String> texts(HttpResponse<String> answer) {
    JsonNode choices = Json.read(answer.body()).path("choices");
    return StreamSupport.stream(choices.spliterator(), false)
        .sorted(Comparator.comparingInt(choice -> choice.path("index").asInt()))
        .map(choice -> choice.path("text").asText())
        .toList();
  }

  private static String prompts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "\"p" + i + "\"").toList().toString();
  }

  private static String body(String prompt, int n, double temperature) {
    return "{\"model\":\"m\",\"temperature\":%s,\"n\":%d,\"max_tokens\":2,\"prompt\":%s}"
        .formatted(temperature == 0 ? "0" : String.valueOf(temperature), n, prompt);
  }
}
