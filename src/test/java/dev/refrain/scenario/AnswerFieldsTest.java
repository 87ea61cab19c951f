package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.WordsUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A caller gets the fields of its own call, and of another caller's call only those that belong to
 * the answer.
 */
@Timeout(60)
class AnswerFieldsTest {
  private static final String[] OF_THE_CALL = {
    "Set-Cookie: session=the-first-callers",
    "x-ratelimit-remaining-requests: 3",
    "openai-processing-ms: 812",
    "CF-Ray: 8c1",
    "X-Request-Id: of-the-first",
    "ETag: \"v1\"",
    "X-Nobody-Knows: it",
    "Access-Control-Allow-Origin: https://first.example",
    "WWW-Authenticate: Bearer",
    "Retry-After: 0",
    "openai-model: m-2026"
  };
  private static final Set<String> NEVER_SHARED =
      Set.of(
          "set-cookie",
          "x-ratelimit-remaining-requests",
          "openai-processing-ms",
          "cf-ray",
          "x-upstream-request-id",
          "etag",
          "x-nobody-knows",
          "access-control-allow-origin");

  private final Gate gate = new Gate();

  private enum Answer {
    WHOLE(Examples.asking("x"), request -> whole(200, Examples.ANSWER)),
    WHOLE_MADE_OF_A_STREAM(Examples.asking("x"), request -> stream()),
    STREAM(Examples.streaming("x"), request -> stream()),
    REFUSED(Examples.asking("x"), request -> whole(400, "{\"error\":{\"message\":\"no\"}}")),
    REFUSED_STREAM(Examples.streaming("x"), request -> whole(400, "{\"error\":{}}")),
    SEVERAL(several(false), request -> whole(200, Examples.ANSWER)),
    SEVERAL_AS_A_STREAM(several(true), request -> stream());

    private final String body;
    private final Function<Received, Script> script;

    Answer(String body, Function<Received, Script> script) {
      this.body = body;
      this.script = script;
    }

    private static String several(boolean stream) {
      return "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"temperature\":0,\"stream\":"
          + stream
          + "}";
    }

    private static Script whole(int status, String body) {
      return Script.answer(
          status,
          body,
          Stream.concat(Stream.of("Content-Type: application/json"), Stream.of(OF_THE_CALL))
              .toArray(String[]::new));
    }

    private static Script stream() {
      return Script.events(OF_THE_CALL)
          .data(WordsUpstream.frame(1, "a", true))
          .data(Examples.usage())
          .done();
    }
  }

  static Stream<Arguments> ways() {
    return Stream.of(Answer.values())
        .flatMap(
            answer ->
                Stream.of(Version.HTTP_1_1, Version.HTTP_2)
                    .map(version -> Arguments.of(answer, version)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRequestThatJoinsACallGetsOnlyTheFieldsOfTheAnswer(Answer answer, Version version)
      throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(held(answer));
        Proxy proxy = Proxy.before(upstream)) {
      CompletableFuture<HttpResponse<String>> first = ask(proxy, answer, version);
      upstream.awaitCalls(1);
      CompletableFuture<HttpResponse<String>> joining = ask(proxy, answer, version);
      await().until(() -> collapsed(proxy) > 0 || joining.isDone());
      gate.open();

      assertOwn(first.join(), answer);
      assertShared(joining.join(), answer);
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aRequestThatFollowsAnotherReplicaGetsOnlyTheFieldsOfTheAnswer(Answer answer, Version version)
      throws Exception {
    try (RedisFixture redis = new RedisFixture();
        ScriptedUpstream upstream = ScriptedUpstream.playing(held(answer));
        Proxy one = replica(upstream, redis);
        Proxy other = replica(upstream, redis);
        Proxy third = replica(upstream, redis)) {
      CompletableFuture<HttpResponse<String>> first = ask(one, answer, version);
      upstream.awaitCalls(1);
      CompletableFuture<HttpResponse<String>> following = ask(other, answer, version);
      await().until(() -> metric(other, "refrain_redis_commands_total") > 1);
      gate.open();

      assertOwn(first.join(), answer);
      assertShared(following.join(), answer);
      if (first.join().statusCode() == 200) {
        assertShared(ask(one, answer, version).join(), answer);
        assertShared(ask(third, answer, version).join(), answer);
      }
    }
  }

  private static Proxy replica(ScriptedUpstream upstream, RedisFixture redis) {
    return Proxy.before(
        upstream.url(),
        "",
        "cache: {redis: {url: '%s', timeout: 3s, connectTimeout: 3s}}".formatted(redis.url()));
  }

  private Function<Received, Script> held(Answer answer) {
    return request -> Script.silence().pause(gate).then(answer.script.apply(request));
  }

  private static void assertOwn(HttpResponse<String> response, Answer answer) {
    assertThat(names(response)).as(answer.name()).contains("set-cookie", "x-nobody-knows");
  }

  private static void assertShared(HttpResponse<String> response, Answer answer) {
    assertThat(names(response))
        .as(answer + " " + response.headers().firstValue("Cache-Status"))
        .contains("content-type", "openai-model")
        .doesNotContainAnyElementsOf(NEVER_SHARED);
    if (response.statusCode() != 200) {
      assertThat(names(response)).contains("www-authenticate", "retry-after");
    }
  }

  private static Set<String> names(HttpResponse<String> response) {
    return response.headers().map().keySet().stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static CompletableFuture<HttpResponse<String>> ask(
      Proxy proxy, Answer answer, Version version) {
    return HttpClient.newBuilder()
        .version(version)
        .connectTimeout(Duration.ofSeconds(20))
        .build()
        .sendAsync(
            proxy.request("/v1/completions").POST(BodyPublishers.ofString(answer.body)).build(),
            BodyHandlers.ofString());
  }

  private static double collapsed(Proxy proxy) {
    return metric(proxy, "refrain_collapsed_total");
  }

  private static double metric(Proxy proxy, String name) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
