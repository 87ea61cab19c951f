package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Chats;
import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Several answers to the same request, each stored as one of its samples. */
class SampledRunsTest {
  private static final String RUN = "X-Refrain-Run";
  private static final String SAMPLE = "X-Refrain-Sample";
  private static final int FIVE = 5;
  private static final String RULES =
      """
      rules: [
        {name: slots, when: {model: [slots]}, samples: 3},
        {name: bench, when: {model: [bench]}, cache: off}]\
      """;

  private final AtomicInteger drawn = new AtomicInteger();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(this::draw);
  private final List<AutoCloseable> open = new ArrayList<>(List.of(upstream));
  private final Proxy proxy = proxy("");

  @AfterEach
  void stop() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private Proxy proxy(String further) {
    return opened(Proxy.before(upstream.url(), "", "cache: {" + further + RULES + "}"));
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(resource);
    return resource;
  }

  /** Each choice has a text of its own; with a seed it is that of the seed. */
  private Script draw(Received request) {
    if (request.json().has("input")) {
      return Vectors.answer(request);
    }
    Dialect dialect = dialect(request);
    JsonNode seed = request.json().path("seed");
    String text = seed.isMissingNode() ? "t" + drawn.incrementAndGet() : "s" + seed.asLong();
    return request.wantsStream()
        ? Script.events()
            .data(dialect.chunk(text, null))
            .data(dialect.chunk("", "stop"))
            .data(dialect.usage())
            .done()
        : Script.json(dialect.document(text));
  }

  private static Dialect dialect(Received request) {
    return request.json().has("messages") ? Dialect.CHAT : Dialect.COMPLETIONS;
  }

  static Stream<Arguments> each() {
    return Stream.of(Dialect.values())
        .filter(Dialect::streams)
        .flatMap(dialect -> Stream.of(false, true).map(stream -> Arguments.of(dialect, stream)));
  }

  private static String sampling(Dialect dialect, boolean stream, String... members) {
    String further = members.length == 0 ? "" : "," + String.join(",", members);
    return dialect
        .asking("p")
        .replace("\"temperature\":0}", "\"temperature\":1,\"stream\":" + stream + further + "}");
  }

  private static HttpResponse<String> ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response;
  }

  private static List<String> texts(HttpResponse<String> response, int choices) {
    String body = ok(response).body();
    return IntStream.range(0, choices).mapToObj(index -> text(body, index)).toList();
  }

  private static String text(String body, int index) {
    if (!body.startsWith("{")) {
      return Events.of(body).text(index);
    }
    JsonNode choice = Json.read(body).path("choices").path(index);
    return choice.path("text").asText("") + choice.at("/message/content").asText("");
  }

  private static List<String> run(Dialect dialect, String body, String run, Proxy... replicas) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < FIVE; i++) {
      Proxy replica = replicas[i % replicas.length];
      texts.addAll(texts(replica.postTo(dialect.path(), body, RUN, run), 1));
    }
    return texts;
  }

  private static List<String> atOnce(Dialect dialect, String body, String run, Proxy... replicas) {
    return IntStream.range(0, FIVE)
        .mapToObj(i -> later(replicas[i % replicas.length], dialect.path(), body, RUN, run))
        .toList()
        .stream()
        .map(CompletableFuture::join)
        .flatMap(response -> texts(response, 1).stream())
        .toList();
  }

  private static CompletableFuture<HttpResponse<String>> later(
      Proxy to, String path, String body, String... headers) {
    return CompletableFuture.supplyAsync(
        () -> to.postTo(path, body, headers), work -> new Thread(work).start());
  }

  private static String status(HttpResponse<String> response) {
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  @ParameterizedTest
  @MethodSource("each")
  void aRunDrawsAndTheNextGetsTheSameInTheSameOrderWithoutACall(Dialect dialect, boolean stream) {
    String body = sampling(dialect, stream);
    List<String> first = run(dialect, body, "A", proxy);
    assertThat(new HashSet<>(first)).hasSize(FIVE);
    assertThat(upstream.calls()).isEqualTo(FIVE);
    assertThat(upstream.last().head().has(RUN)).isFalse();

    assertThat(run(dialect, body, "B", proxy)).isEqualTo(first);
    assertThat(run(dialect, sampling(dialect, !stream), "C", proxy)).isEqualTo(first);
    assertThat(atOnce(dialect, body, "D", proxy)).containsExactlyInAnyOrderElementsOf(first);
    assertThat(upstream.calls()).isEqualTo(FIVE);
    for (int i = 0; i < FIVE; i++) {
      HttpResponse<String> one = proxy.postTo(dialect.path(), body, SAMPLE, "" + i);
      assertThat(texts(one, 1)).containsExactly(first.get(i));
      assertThat(status(one)).contains("; hit;").endsWith("; sample=" + i);
    }
  }

  @ParameterizedTest
  @MethodSource("each")
  void requestsOfARunNeverJoinEachOtherAndThoseOfTheNextJoinThemLive(
      Dialect dialect, boolean stream) {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(draw(request)));
    String body = sampling(dialect, stream);
    CompletableFuture<List<String>> first = soon(() -> atOnce(dialect, body, "A", proxy));
    upstream.awaitCalls(FIVE);
    CompletableFuture<List<String>> second = soon(() -> atOnce(dialect, body, "B", proxy));
    await().until(() -> proxy.metric("refrain_collapsed_total") == 5);
    gate.open();

    assertThat(new HashSet<>(first.join())).hasSize(FIVE);
    assertThat(second.join()).containsExactlyInAnyOrderElementsOf(first.join());
    assertThat(upstream.calls()).isEqualTo(FIVE);
  }

  private static <T> CompletableFuture<T> soon(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, run -> new Thread(run).start());
  }

  @ParameterizedTest
  @MethodSource("each")
  void runsWithAnotherNumberOfChoicesShareElements(Dialect dialect, boolean stream) {
    String two = sampling(dialect, stream, "\"n\":2");
    List<String> drawnByTwo = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      drawnByTwo.addAll(texts(proxy.postTo(dialect.path(), two, RUN, "A"), 2));
    }
    assertThat(new HashSet<>(drawnByTwo)).hasSize(6);
    assertThat(upstream.calls()).isEqualTo(6);

    String three = sampling(dialect, stream, "\"n\":3");
    List<String> byThree = new ArrayList<>();
    byThree.addAll(texts(proxy.postTo(dialect.path(), three, RUN, "B"), 3));
    byThree.addAll(texts(proxy.postTo(dialect.path(), three, RUN, "B"), 3));
    assertThat(byThree).isEqualTo(drawnByTwo);
    assertThat(run(dialect, sampling(dialect, stream), "C", proxy))
        .isEqualTo(drawnByTwo.subList(0, FIVE));
    assertThat(texts(proxy.postTo(dialect.path(), two, SAMPLE, "1"), 2))
        .isEqualTo(drawnByTwo.subList(2, 4));
    assertThat(upstream.calls()).isEqualTo(6);
    // Within one run, too, no sample is given twice.
    List<String> mixed = new ArrayList<>(texts(proxy.postTo(dialect.path(), two, RUN, "D"), 2));
    mixed.addAll(texts(proxy.postTo(dialect.path(), sampling(dialect, stream), RUN, "D"), 1));
    assertThat(mixed).isEqualTo(drawnByTwo.subList(0, 3));
  }

  @ParameterizedTest
  @MethodSource("each")
  void replicasCountARunTogether(Dialect dialect, boolean stream) {
    RedisFixture redis = opened(new RedisFixture());
    String shared = "redis: {url: \"" + redis.url() + "\", timeout: 5s}, ";
    Proxy one = proxy(shared);
    Proxy other = proxy(shared);
    String body = sampling(dialect, stream);
    List<String> first = run(dialect, body, "A", one, other);
    assertThat(new HashSet<>(first)).hasSize(FIVE);
    assertThat(upstream.calls()).isEqualTo(FIVE);
    await().until(() -> redis.keys() >= FIVE + 1);
    int evals = redis.calls().getOrDefault("eval", 0);

    assertThat(run(dialect, body, "B", other, one)).isEqualTo(first);
    assertThat(redis.calls().get("eval") - evals).as("one command a request").isEqualTo(FIVE);
    assertThat(atOnce(dialect, body, "C", one, other)).containsExactlyInAnyOrderElementsOf(first);
    redis.kill();
    redis.start();
    assertThat(run(dialect, body, "D", one)).isEqualTo(first);
    assertThat(atOnce(dialect, body, "E", other)).containsExactlyInAnyOrderElementsOf(first);
    assertThat(upstream.calls()).isEqualTo(FIVE);
  }

  @Test
  void aRunGoesOnWithoutRedisAndSaysSoAndAnEmptyRedisDoesNotBeginItAnew() {
    RedisFixture redis = opened(new RedisFixture());
    Proxy one = proxy("redis: {url: \"" + redis.url() + "\", timeout: 5s}, ");
    String body = sampling(Dialect.CHAT, false);
    List<String> all = new ArrayList<>();
    HttpResponse<String> counted = one.postTo(Chats.PATH, body, RUN, "A");
    all.addAll(texts(counted, 1));
    assertThat(status(counted)).endsWith("; sample=0");
    redis.kill();
    HttpResponse<String> alone = one.postTo(Chats.PATH, body, RUN, "A");
    all.addAll(texts(alone, 1));
    assertThat(status(alone)).endsWith("; sample=1; run=local");

    redis.start();
    await()
        .untilAsserted(
            () -> {
              HttpResponse<String> again = one.postTo(Chats.PATH, body, RUN, "A");
              all.addAll(texts(again, 1));
              assertThat(status(again)).doesNotContain("run=local");
            });
    assertThat(new HashSet<>(all)).hasSameSizeAs(all);
  }

  @Test
  void aSeedCountsUpWithTheSample() {
    String body = sampling(Dialect.CHAT, false, "\"seed\":42");
    assertThat(run(Dialect.CHAT, body, "A", proxy))
        .containsExactly("s42", "s43", "s44", "s45", "s46");
    String two = sampling(Dialect.CHAT, false, "\"seed\":42", "\"n\":2");
    assertThat(texts(proxy.postTo(Chats.PATH, two, SAMPLE, "1"), 2)).containsExactly("s44", "s45");
    assertThat(upstream.calls()).isEqualTo(FIVE);
  }

  @ParameterizedTest
  @MethodSource("each")
  void aTemperatureOfZeroIsSampledAsWell(Dialect dialect, boolean stream) {
    String body = sampling(dialect, stream).replace("\"temperature\":1", "\"temperature\":0");
    String plain = texts(proxy.postTo(dialect.path(), body), 1).get(0);
    List<String> first = run(dialect, body, "A", proxy);
    assertThat(first.get(0)).isEqualTo(plain);
    assertThat(new HashSet<>(first)).hasSize(FIVE);
    String two = body.replace("\"stream\"", "\"n\":2,\"stream\"");
    assertThat(texts(proxy.postTo(dialect.path(), two, SAMPLE, "0"), 2))
        .isEqualTo(first.subList(0, 2));
  }

  @Test
  void aRequestWithoutAnAnswerTakesNoSample() {
    String body = sampling(Dialect.CHAT, false);
    upstream.play(request -> Script.answer(400, "{}", "Content-Type: application/json"));
    assertThat(proxy.postTo(Chats.PATH, body, RUN, "A").statusCode()).isEqualTo(400);
    assertThat(
            proxy
                .postTo(Chats.PATH, body, RUN, "A", "Cache-Control", "only-if-cached")
                .statusCode())
        .isEqualTo(504);
    upstream.play(this::draw);

    assertThat(status(ok(proxy.postTo(Chats.PATH, body, RUN, "A")))).endsWith("sample=0");
    assertThat(status(ok(proxy.postTo(Chats.PATH, body, RUN, "A")))).endsWith("sample=1");
  }

  @ParameterizedTest
  @MethodSource("each")
  void aRuleHasEqualCallsTakeTurns(Dialect dialect, boolean stream) {
    String body = sampling(dialect, stream).replace("\"m\"", "\"slots\"");
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> paid = proxy.postTo(dialect.path(), body);
      assertThat(status(paid)).contains("fwd=uri-miss").endsWith("; sample=" + i + "; rule=slots");
      first.addAll(texts(paid, 1));
    }
    assertThat(new HashSet<>(first)).hasSize(3);
    for (int i = 0; i < 6; i++) {
      HttpResponse<String> hit = proxy.postTo(dialect.path(), body);
      assertThat(texts(hit, 1)).containsExactly(first.get(i % 3));
    }
    assertThat(upstream.calls()).isEqualTo(3);
    String zero = body.replace("\"temperature\":1", "\"temperature\":0");
    assertThat(texts(proxy.postTo(dialect.path(), zero), 1))
        .isEqualTo(texts(proxy.postTo(dialect.path(), zero), 1));
  }

  @Test
  void aCallerCannotUndoARuleThatStoresNothing() {
    String body = sampling(Dialect.CHAT, false).replace("\"m\"", "\"bench\"");
    for (String[] header : new String[][] {{RUN, "A"}, {SAMPLE, "0"}}) {
      for (int i = 0; i < 2; i++) {
        assertThat(status(ok(proxy.postTo(Chats.PATH, body, header))))
            .isEqualTo("refrain; fwd=bypass; detail=disabled; rule=bench");
      }
    }
    assertThat(upstream.calls()).isEqualTo(4);
    assertThat(upstream.last().head().has(SAMPLE)).isFalse();
  }

  @Test
  void anEmbeddingHasOneAnswerSoThatARunSharesItAndASampleHasNoMeaning() {
    for (String run : List.of("A", "A", "B")) {
      ok(proxy.postTo(Vectors.PATH, Vectors.asking("\"p\""), RUN, run));
    }
    assertThat(upstream.calls()).isEqualTo(1);
    HttpResponse<String> refused = proxy.postTo(Vectors.PATH, Vectors.asking("\"p\""), SAMPLE, "1");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"param\":\"" + SAMPLE + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "X-Refrain-Run, a/b, X-Refrain-Run",
    "X-Refrain-Run, '', X-Refrain-Run",
    "X-Refrain-Sample, -1, X-Refrain-Sample",
    "X-Refrain-Sample, 1e3, X-Refrain-Sample",
    "X-Refrain-Sample, 1000000000, X-Refrain-Sample",
  })
  void aHeaderWithoutMeaningIsRefusedAndNamed(String name, String value, String param) {
    HttpResponse<String> refused =
        proxy.postTo(Chats.PATH, sampling(Dialect.CHAT, false), name, value);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"param\":\"" + param + "\"");
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void aSampleBesideARunIsRefused() {
    HttpResponse<String> refused =
        proxy.postTo(Chats.PATH, sampling(Dialect.CHAT, false), RUN, "A", SAMPLE, "1");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("\"param\":\"" + SAMPLE + "\"");
  }
}
