package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several choices of one prompt or chat: asked at once, merged, each kept apart. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
class ManySamplesTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(WordsUpstream.ready());
  private final Proxy proxy = Proxy.before(upstream);
  private final Dialect dialect;

  ManySamplesTest(Dialect dialect) {
    this.dialect = dialect;
  }

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
        CompletableFuture.supplyAsync(
            () -> proxy.postTo(dialect.path(), body("sing", 6, 0.8, false)));
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
    proxy.postTo(dialect.path(), body("sing", 3, 1, false).replace("\"n\"", "\"seed\":41,\"n\""));
    assertThat(upstream.received().stream().map(call -> call.json().path("seed").asInt()).sorted())
        .containsExactly(41, 42, 43);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void atTemperatureZeroOneCallIsEnoughForAnyNumberOfChoices(boolean stream) {
    assertThat(choices(body("la la", 5, 0, stream))).isEqualTo(repeat("la la", 5));
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(choices(body("la la", 8, 0, !stream))).isEqualTo(repeat("la la", 8));
    assertThat(choices(body("la la", 1, 0, stream))).isEqualTo(List.of("la la"));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatDescribesTheBodyOfOnePartIsNotSaidOfAll(boolean stream) {
    String[] ofOne = {
      "ETag: \"a",
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
                ? Script.events(ofOne).data(WordsUpstream.frame(dialect, 1, "a", true)).done()
                : Script.answer(
                    200, dialect.document("a"), with("Content-Type: application/json", ofOne)));
    HttpHeaders headers = proxy.postTo(dialect.path(), body("sing", 2, 1, stream)).headers();

    assertThat(headers.map().keySet())
        .map(name -> name.toLowerCase(Locale.ROOT))
        .contains("x-of-all", "content-type")
        .doesNotContain("etag", "last-modified", "content-md5", "digest", "content-digest")
        .doesNotContain("repr-digest", "content-location", "accept-ranges");
  }

  @Test
  void streamsInterleaveUnderOneIdAndEndOnce() throws Exception {
    List<Gate> gates = IntStream.range(0, 4).mapToObj(i -> new Gate()).toList();
    AtomicInteger calls = new AtomicInteger();
    upstream.play(
        request -> {
          int call = calls.getAndIncrement();
          return Script.events()
              .data(WordsUpstream.frame(dialect, call, "one" + call, false))
              .pause(gates.get(call))
              .data(WordsUpstream.frame(dialect, call, "two" + call, true))
              .data("{\"id\":\"z\",\"choices\":[],\"usage\":" + usage(2) + "}")
              .done();
        });
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer =
          client
              .postTo(
                  dialect.path(),
                  body("p", 4, 1, true)
                      .replaceFirst("}$", ",\"stream_options\":{\"include_usage\":true}}"),
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
                              withoutIndexes(
                                  WordsUpstream.frame(dialect, call, "one" + call, false)),
                              withoutIndexes(
                                  WordsUpstream.frame(dialect, call, "two" + call, true)))
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
    HttpResponse<String> answer = proxy.postTo(dialect.path(), seeded(4, false));
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
                : Script.events()
                    .data(WordsUpstream.frame(dialect, 1, "begun", false))
                    .pause(never));
    try (RawClient client = proxy.connect()) {
      RawClient.Answer answer = client.postTo(dialect.path(), seeded(3, true)).answer();
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

  @Test
  void eachAsksForEveryChoiceAndKeepsItApart() throws Exception {
    try (Proxy each = Proxy.before(upstream.url(), "", "fanout: {deterministic: each}")) {
      each.postTo(dialect.path(), body("p", 3, 0, false));
      assertThat(upstream.calls()).isEqualTo(3);
      each.postTo(dialect.path(), body("p", 2, 0, true));
      each.postTo(dialect.path(), body("p", 1, 0, true));
      assertThat(upstream.calls()).isEqualTo(3);
      each.postTo(dialect.path(), body("p", 5, 0, false));
      assertThat(upstream.calls()).isEqualTo(5);
    }
  }

  private static String[] with(String line, String... lines) {
    return Stream.concat(Stream.of(line), Stream.of(lines)).toArray(String[]::new);
  }

  private String seeded(int n, boolean stream) {
    return body("p", n, 1, stream).replace("\"n\"", "\"seed\":0,\"n\"");
  }

  /** The frames of choices without what tells the parts apart. */
  private static List<String> withoutIndexes(String frames) {
    return frames
        .lines()
        .map(line -> line.replaceFirst("^data: ", ""))
        .filter(line -> line.contains("\"x_own\""))
        .map(line -> line.replaceFirst("\"id\":\"[^\"]*", "\"id\":\"\""))
        .map(line -> line.replaceFirst("\"index\" : \\d+ ,\"log", "\"index\" : _ ,\"log"))
        .toList();
  }

  private List<String> choices(String body) {
    return choicesOf(proxy.postTo(dialect.path(), body).body());
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
    answer
        .path("choices")
        .forEach(
            choice ->
                texts.add(choice.path("text").asText() + choice.at("/message/content").asText("")));
    return texts;
  }

  private static List<Integer> indexes(JsonNode answer) {
    List<Integer> indexes = new ArrayList<>();
    answer.path("choices").forEach(choice -> indexes.add(choice.path("index").asInt()));
    return indexes;
  }

  private static String usage(int completion) {
    return "{\"prompt_tokens\":3,\"completion_tokens\":%d,\"total_tokens\":%d}"
        .formatted(completion, completion + 3);
  }

  private String body(String text, int n, double temperature, boolean stream) {
    String further = "\"n\":%d,\"temperature\":%s,\"stream\":%s";
    return dialect
        .asking(text)
        .replace("\"temperature\":0", further.formatted(n, temperature, stream));
  }
}
