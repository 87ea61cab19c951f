package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.WordsUpstream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests for several choices: taken apart, asked at once, merged. */
class ManyChoicesTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(WordsUpstream.ready());
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void close() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void onlyWhatIsMissingGoesUpstream() {
    proxy.post(body("\"b\"", 1, 0, true));
    HttpResponse<String> answer = proxy.post(body("[\"a\",\"b\",\"c\",\"a\"]", 1, 0, false));
    assertThat(texts(Json.read(answer.body()))).containsExactly("a", "b", "c", "a");
    assertThat(prompts()).startsWith("b").containsExactlyInAnyOrder("b", "a", "c");
    assertThat(answer.headers().firstValue("Cache-Status"))
        .contains("refrain; fwd=partial; stored; detail=\"1 of 4 kept\"");
    assertThat(Json.read(answer.body()).at("/usage/prompt_tokens").asInt()).isEqualTo(12);
    assertThat(answer.headers().firstValue("X-Refrain-Upstream-Tokens")).contains("8");

    HttpResponse<String> again = proxy.post(body("[\"c\",\"a\"]", 2, 0, false));
    assertThat(texts(Json.read(again.body()))).containsExactly("c", "c", "a", "a");
    assertThat(again.headers().firstValue("Cache-Status").orElse("")).startsWith("refrain; hit");
    assertThat(again.headers().firstValue("X-Refrain-Upstream-Tokens")).contains("0");
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @Test
  void aMergedAnswerIsStoredWhenEachOfItsPartsIs() {
    assertThat(proxy.post(body("[\"a\",\"b\"]", 1, 0, false)).headers().firstValue("Cache-Status"))
        .contains("refrain; fwd=uri-miss; stored");

    WordsUpstream wordsUpstream = WordsUpstream.ready();
    upstream.play(
        request ->
            request.text().contains("cut short")
                ? Script.json(Examples.ANSWER.replace("\"length\"", "null"))
                : wordsUpstream.apply(request));
    assertThat(
            proxy
                .post(body("[\"c\",\"cut short\"]", 1, 0, false))
                .headers()
                .firstValue("Cache-Status"))
        .contains("refrain; fwd=uri-miss");
  }

  @Test
  void tokenArraysAreTakenApartAsTheyAreWritten() {
    proxy.post(body("[[1,2],[3]]", 1, 0, false));
    proxy.post(body("[3]", 1, 0, false));
    assertThat(upstream.received().stream().map(call -> call.json().path("prompt").toString()))
        .containsExactlyInAnyOrder("[1,2]", "[3]");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoLeavesEndsEveryCall(boolean stream) throws Exception {
    Gate never = new Gate();
    upstream.play(
        request ->
            (stream
                    ? Script.events().data(WordsUpstream.frame(1, "begun", false))
                    : Script.silence())
                .pause(never));
    try (RawClient client = proxy.connect()) {
      client.post(body(prompts(40), 1, 0, stream));
      upstream.awaitCalls(16);
      client.abort();
    }
    await().until(() -> upstream.openConnections() == 0);
    assertThat(upstream.calls()).isEqualTo(16);
    assertThat(proxy.manage("/metrics").body()).contains("refrain_fanout_waiting 0.0");
    never.open();
  }

  @Test
  void anUpstreamThatWritesUsageOnEveryFrameAndCutsAnywhereIsMergedAlike() {
    upstream.play(
        request ->
            Script.events()
                .bytewise()
                .chunk("data: " + withUsage("é", null, 1) + "\r\n\r\n")
                .chunk(": keep-alive\r\n\r\ndata: " + withUsage("l", null, 2) + "\r\r")
                .chunk("data: " + withUsage("a", "stop", 3) + "\n\n")
                .done());
    String stream = proxy.post(body("\"p\"", 2, 1, true)).body();
    Events events = Events.of(stream.replace("\r\r", "\n\n"));
    assertThat(events.properlyEnded()).isTrue();
    assertThat(List.of(events.text(0), events.text(1))).containsExactly("éla", "éla");
    assertThat(events.json()).noneMatch(event -> event.path("usage").isObject());
  }

  @Test
  void anUpstreamThatKnowsOnlyDocumentsIsMergedIntoAStreamAllTheSame() {
    upstream.play(Script.json(Examples.ANSWER));
    String some = body("[\"a\",\"b\"]", 1, 0, true);
    String more =
        body("[\"a\",\"b\",\"c\"]", 1, 0, true)
            .replace("}", ",\"stream_options\":{\"include_usage\":true}}");
    for (String asked : List.of(some, more, some)) {
      HttpResponse<String> answer = proxy.post(asked);
      Events events = Events.of(answer.body());
      assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
      assertThat(events.properlyEnded()).isTrue();
      assertThat(List.of(events.text(0), events.text(1)))
          .containsExactly(Examples.TEXT, Examples.TEXT);
      assertThat(answer.body().contains("\"total_tokens\":36")).isEqualTo(asked.equals(more));
    }
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void promptsWhoseAnswersAreNotKeptAreOneCall(boolean stream) {
    String body = body("[\"a\",\"b\",\"c\"]", 2, 1, stream);

    HttpResponse<String> answer = proxy.post(body);

    assertThat(answer.headers().firstValue("Cache-Status"))
        .hasValue("refrain; fwd=bypass; detail=sampled");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.last().text()).isEqualTo(body);
  }

  @Test
  void anUpstreamThatIsAskedNativelyGetsTheRequestAsItCame() throws Exception {
    String both =
        """
        {"id":"n","object":"text_completion","created":1,"model":"m","choices":[\
        {"text":"A","index":0,"logprobs":null,"finish_reason":"stop"},\
        {"text":"B","index":1,"logprobs":null,"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4}}\
        """;
    upstream.play(Script.json(both));
    try (Proxy asOne = Proxy.before(upstream.url(), "fanout: native", "")) {
      String body = body("[\"a\",\"b\"]", 1, 0, false);
      assertThat(asOne.post(body).body()).isEqualTo(both);
      assertThat(upstream.last().text()).isEqualTo(body);
      assertThat(asOne.post(body).body()).isEqualTo(both);
      // what was kept of the parts answers a stream, which need not say what it cost
      Events part = Events.of(asOne.post(body("\"b\"", 1, 0, true)).body());
      assertThat(part.text(0)).isEqualTo("B");
      Events turned = Events.of(asOne.post(body("[\"b\",\"a\"]", 1, 0, true)).body());
      assertThat(List.of(turned.text(0), turned.text(1))).containsExactly("B", "A");
      assertThat(upstream.calls()).isEqualTo(1);
      asOne.post(body("\"p\"", 4, 1, false));
      assertThat(upstream.last().json().path("n").asInt()).isEqualTo(4);
    }
  }

  @Test
  void tooManyChoicesAreRefusedAndReachNobody() {
    HttpResponse<String> answer = proxy.post(body(prompts(300), 7, 0, false));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(Json.read(answer.body()).at("/error/param").asText()).isEqualTo("n");
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void equalRequestsAtTheSameTimeShareEveryPart() {
    Gate gate = new Gate();
    upstream.play(WordsUpstream.waiting(gate));
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      boolean stream = i % 2 == 0;
      answers.add(
          CompletableFuture.supplyAsync(() -> proxy.post(body("[\"x\",\"y\"]", 2, 0, stream))));
    }
    upstream.awaitCalls(2);
    gate.open();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      assertThat(choicesOf(answer.join().body())).containsExactly("x", "x", "y", "y");
    }
    assertThat(upstream.calls()).isEqualTo(2);
  }

  private List<String> prompts() {
    return upstream.received().stream().map(call -> call.json().path("prompt").asText()).toList();
  }

  private static List<String> choicesOf(String answer) {
    if (!answer.startsWith("data:")) {
      return texts(Json.read(answer));
    }
    Events events = Events.of(answer);
    assertThat(events.properlyEnded()).isTrue();
    int most =
        events.json().stream().mapToInt(e -> e.at("/choices/0/index").asInt()).max().orElse(0);
    return IntStream.rangeClosed(0, most).mapToObj(events::text).toList();
  }

  private static List<String> texts(JsonNode answer) {
    List<String> texts = new ArrayList<>();
    answer.path("choices").forEach(choice -> texts.add(choice.path("text").asText()));
    return texts;
  }

  private static String body(String prompt, int n, double temperature, boolean stream) {
    return "{\"model\":\"m\",\"prompt\":%s,\"n\":%d,\"temperature\":%s,\"stream\":%s}"
        .formatted(prompt, n, temperature, stream);
  }

  private static String prompts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "\"p" + i + "\"").toList().toString();
  }

  private static String usage(int completion) {
    return "{\"prompt_tokens\":3,\"completion_tokens\":%d,\"total_tokens\":%d}"
        .formatted(completion, completion + 3);
  }

  private static String withUsage(String text, String finish, int tokens) {
    return Examples.chunk(text, finish, "\"usage\":" + usage(tokens) + ",");
  }
}
