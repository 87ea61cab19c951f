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
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  void sixSamplesAreSixCallsAtOnceForOneChoiceEach() {
    Gate gate = new Gate();
    upstream.play(WordsUpstream.waiting(gate));
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(() -> proxy.post(body("\"sing\"", 6, 0.8, false)));
    upstream.awaitCalls(6);
    gate.open();
    JsonNode merged = Json.read(answer.join().body());

    assertThat(upstream.received()).allMatch(call -> call.json().path("n").asInt() == 1);
    assertThat(indexes(merged)).containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(new TreeSet<>(texts(merged))).hasSize(6);
    assertThat(merged.path("usage").path("prompt_tokens").asInt()).isEqualTo(3);
    assertThat(merged.path("usage").path("completion_tokens").asInt()).isEqualTo(12);
    assertThat(merged.path("usage").path("total_tokens").asInt()).isEqualTo(15);
    assertThat(merged.at("/usage/completion_tokens_details/reasoning_tokens").asInt()).isEqualTo(6);
    assertThat(merged.path("x_extra").path("n").asInt()).isEqualTo(100);
    assertThat(answer.join().headers().firstValue("X-Refrain-Upstream-Tokens")).contains("30");
    assertThat(answer.join().headers().firstValue("Cache-Status"))
        .contains("refrain; fwd=bypass; detail=sampled");
  }

  @Test
  void seededSamplesHaveSeedsOfTheirOwn() {
    proxy.post(body("\"sing\"", 3, 1, false).replace("\"n\"", "\"seed\":41,\"n\""));
    assertThat(upstream.received().stream().map(call -> call.json().path("seed").asInt()).sorted())
        .containsExactly(41, 42, 43);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void atTemperatureZeroOneCallIsEnoughForAnyNumberOfChoices(boolean stream) {
    assertThat(choices(body("\"la la\"", 5, 0, stream))).isEqualTo(repeat("la la", 5));
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(choices(body("\"la la\"", 8, 0, !stream))).isEqualTo(repeat("la la", 8));
    assertThat(choices(body("\"la la\"", 1, 0, stream))).isEqualTo(List.of("la la"));
    assertThat(upstream.calls()).isEqualTo(1);
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

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatDescribesTheBodyOfOnePartIsNotSaidOfAll(boolean stream) {
    String[] ofOne = {
      "ETag: \"a\"",
      "Last-Modified: Sat, 28 Nov 2026 12:00:00 GMT",
      "Content-MD5: x",
      "Digest: sha-256=x",
      "Content-Digest: sha-256=:x:",
      "Repr-Digest: sha-256=:x:",
      "Content-Location: /one",
      "Accept-Ranges: bytes",
      "X-Of-All: yes"
    };
    upstream.play(
        request ->
            request.wantsStream()
                ? Script.events(ofOne).data(WordsUpstream.frame(1, "a", true)).done()
                : Script.answer(
                    200, Examples.ANSWER, with("Content-Type: application/json", ofOne)));
    HttpHeaders headers = proxy.post(body("\"sing\"", 2, 1, stream)).headers();

    assertThat(headers.map().keySet())
        .map(name -> name.toLowerCase(Locale.ROOT))
        .contains("x-of-all", "content-type")
        .doesNotContain("etag", "last-modified", "content-md5", "digest", "content-digest")
        .doesNotContain("repr-digest", "content-location", "accept-ranges");
  }

  private static String[] with(String line, String... lines) {
    return Stream.concat(Stream.of(line), Stream.of(lines)).toArray(String[]::new);
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

  @Test
  void streamsInterleaveUnderOneIdAndEndOnce() throws Exception {
    List<Gate> gates = IntStream.range(0, 4).mapToObj(i -> new Gate()).toList();
    AtomicInteger calls = new AtomicInteger();
    upstream.play(
        request -> {
          int call = calls.getAndIncrement();
          return Script.events()
              .data(WordsUpstream.frame(call, "one" + call, false))
              .pause(gates.get(call))
              .data(WordsUpstream.frame(call, "two" + call, true))
              .data("{\"id\":\"z\",\"choices\":[],\"usage\":" + usage(2) + "}")
              .done();
        });
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer =
          client
              .post(
                  body("\"p\"", 4, 1, true)
                      .replace("}", ",\"stream_options\":{\"include_usage\":true}}"),
                  "TE: trailers")
              .answer();
      StringBuilder came = new StringBuilder();
      for (int i = 0; i < 4; i++) {
        came.append(answer.until("\n\n"));
      }
      for (int i = 3; i >= 0; i--) {
        gates.get(i).open();
        came.append(answer.until("\n\n"));
      }
      came.append(answer.text());
      Events events = Events.of(came.toString());
      assertThat(events.properlyEnded()).isTrue();
      assertThat(events.json().stream().map(event -> event.path("id").asText()).distinct())
          .hasSize(1);
      assertThat(events.json()).hasSize(9);
      assertThat(events.json().get(8).path("usage").path("completion_tokens").asInt()).isEqualTo(8);
      assertThat(IntStream.range(0, 4).mapToObj(events::text))
          .allMatch(text -> text.matches("one(\\d)two\\1"));
      assertThat(withoutIndexes(came.toString()))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 4)
                  .boxed()
                  .flatMap(
                      call ->
                          List.of(
                              withoutIndexes(WordsUpstream.frame(call, "one" + call, false)),
                              withoutIndexes(WordsUpstream.frame(call, "two" + call, true)))
                              .stream())
                  .flatMap(List::stream)
                  .toList());
    }
  }

  @Test
  void aRefusalOfOneIsTheAnswerAndEndsTheOthers() {
    Gate never = new Gate();
    upstream.play(
        request ->
            request.json().path("seed").asInt() == 2
                ? Script.answer(429, "{\"error\":{\"message\":\"slow down\"}}", "Retry-After: 9")
                : Script.silence().pause(never));
    HttpResponse<String> answer = proxy.post(seeded(4, false));
    assertThat(answer.statusCode()).isEqualTo(429);
    assertThat(answer.headers().firstValue("Retry-After")).contains("9");
    assertThat(Json.read(answer.body()).at("/error/message").asText()).isEqualTo("slow down");
    await().until(() -> upstream.openConnections() <= 1);
    never.open();
  }

  @Test
  void aRefusalAfterTheHeadIsAnErrorEventAndEndsTheOthers() throws Exception {
    Gate told = new Gate();
    Gate never = new Gate();
    upstream.play(
        request ->
            request.json().path("seed").asInt() == 2
                ? Script.silence()
                    .pause(told)
                    .then(Script.answer(500, "{\"error\":{\"message\":\"no\"}}"))
                : Script.events().data(WordsUpstream.frame(1, "begun", false)).pause(never));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.post(seeded(3, true)).answer();
      String came = answer.until("\n\n") + answer.until("\n\n");
      told.open();
      Events events = Events.of(came + answer.whatCame());
      assertThat(events.errors()).hasSize(1);
      assertThat(events.errors().get(0).path("message").asText()).isEqualTo("no");
      assertThat(events.terminators()).isZero();
    }
    await().until(() -> upstream.openConnections() <= 1);
    never.open();
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
  void eachAsksForEveryChoiceAndKeepsItApart() throws Exception {
    try (Proxy each = Proxy.before(upstream.url(), "", "fanout: {deterministic: each}")) {
      each.post(body("\"p\"", 3, 0, false));
      assertThat(upstream.calls()).isEqualTo(3);
      each.post(body("\"p\"", 2, 0, true));
      each.post(body("\"p\"", 1, 0, true));
      assertThat(upstream.calls()).isEqualTo(3);
      each.post(body("\"p\"", 5, 0, false));
      assertThat(upstream.calls()).isEqualTo(5);
    }
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

  private List<String> choices(String body) {
    return choicesOf(proxy.post(body).body());
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

  private static List<String> repeat(String text, int times) {
    return Collections.nCopies(times, text);
  }

  private static List<String> texts(JsonNode answer) {
    List<String> texts = new ArrayList<>();
    answer.path("choices").forEach(choice -> texts.add(choice.path("text").asText()));
    return texts;
  }

  private static List<Integer> indexes(JsonNode answer) {
    List<Integer> indexes = new ArrayList<>();
    answer.path("choices").forEach(choice -> indexes.add(choice.path("index").asInt()));
    return indexes;
  }

  private static String body(String prompt, int n, double temperature, boolean stream) {
    return "{\"model\":\"m\",\"prompt\":%s,\"n\":%d,\"temperature\":%s,\"stream\":%s}"
        .formatted(prompt, n, temperature, stream);
  }

  private static String seeded(int n, boolean stream) {
    return body("\"p\"", n, 1, stream).replace("\"n\"", "\"seed\":0,\"n\"");
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

  /** The frames of choices without what tells the parts apart. */
  private static List<String> withoutIndexes(String frames) {
    return frames
        .lines()
        .map(line -> line.replaceFirst("^data: ", ""))
        .filter(line -> line.contains("\"x_own\""))
        .map(line -> line.replaceFirst("\"id\":\"[^\"]*\"", "\"id\":\"\""))
        .map(line -> line.replaceFirst("\"index\" : \\d+ ,\"log", "\"index\" : _ ,\"log"))
        .toList();
  }
}
