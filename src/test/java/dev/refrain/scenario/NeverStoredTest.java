package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that are passed on as they came and never kept. */
class NeverStoredTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, application/json",
    "401, application/json",
    "403, text/html",
    "404, application/json",
    "409, application/json",
    "422, application/json",
    "429, application/json",
    "500, application/json",
    "502, text/html",
    "503, text/plain",
    "504, application/json",
    "529, application/json"
  })
  void anErrorOfTheUpstreamPassesAsItCame(int status, String type) {
    String body = "{ \"error\" : {\"message\":\"naïve\",\"x\":1.50},\n\"object\":\"error\" }";
    upstream.play(
        Script.answer(
            status,
            body,
            "Content-Type: " + type,
            "Retry-After: 7",
            "x-ratelimit-remaining-requests: 0",
            "x-ratelimit-reset-tokens: 6m0s"));

    for (String request : new String[] {Examples.asking("e"), Examples.streaming("e")}) {
      int before = upstream.calls();
      HttpResponse<String> answer = proxy.post(request);

      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.body()).isEqualTo(body);
      assertThat(answer.headers().allValues("Content-Type")).containsExactly(type);
      assertThat(answer.headers().allValues("Retry-After")).containsExactly("7");
      assertThat(answer.headers().allValues("x-ratelimit-remaining-requests")).containsExactly("0");
      assertThat(answer.headers().allValues("x-ratelimit-reset-tokens")).containsExactly("6m0s");
      assertThat(upstream.calls()).isGreaterThan(before);
    }
    upstream.play(Examples::answer);

    assertThat(proxy.post(Examples.asking("e")).body()).isEqualTo(Examples.ANSWER);
  }

  @Test
  void anErrorWithoutABodyPassesToo() {
    upstream.play(Script.answer(503, ""));

    HttpResponse<String> answer = proxy.post(Examples.asking("empty"));

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).isEmpty();
  }

  /** Bodies of status 200 that prove nothing. */
  static Stream<String> unproven() {
    return Stream.of(
        "",
        "not json",
        "null",
        "[]",
        "{}",
        Examples.ANSWER + "x",
        Examples.ANSWER.substring(0, 200),
        Examples.ANSWER.replace("\"length\"", "null"),
        Examples.ANSWER.replace("\"length\"", "\"\""),
        Examples.ANSWER.replace("\"length\"", "\"abort\""),
        Examples.ANSWER.replace("\"finish_reason\"", "\"finish\""),
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}",
        "{\"error\":{\"message\":\"a failure with status 200\"}}",
        Examples.ANSWER.replaceFirst("\\{", "{\"error\":{\"message\":\"half a failure\"},"));
  }

  @ParameterizedTest
  @MethodSource("unproven")
  void anAnswerThatProvesNothingPassesAsItCame(String body) {
    upstream.play(Script.json(body));

    HttpResponse<String> first = proxy.post(Examples.asking("u"));
    HttpResponse<String> second = proxy.post(Examples.asking("u"));

    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.body()).isEqualTo(body);
    assertThat(second.body()).isEqualTo(body);
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(first.headers().firstValue("Cache-Status").orElse("")).doesNotContain("stored");
  }

  @Test
  void oneChoiceOfTwoIsNotTheWhole() throws Exception {
    upstream.play(Examples::answer);
    String two = Examples.asking("two").replace("}", ",\"n\":2}");

    try (Proxy asItCame = Proxy.before(upstream.url(), "fanout: native", "")) {
      asItCame.post(two);
      asItCame.post(two);
    }

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void anAnswerOverTheBoundOfAnEntryPassesWhole() {
    String giant = Examples.ANSWER.replace("a test", "x".repeat(1 << 20));
    upstream.play(Script.json(giant));
    try (Proxy small = Proxy.before(upstream.url(), "", "cache: {maxEntry: 64KiB}")) {
      assertThat(small.post(Examples.asking("g")).body()).isEqualTo(giant);
      assertThat(small.post(Examples.asking("g")).body()).isEqualTo(giant);
    }

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{enabled: false}", "{ttl: 1ms}"})
  void nothingIsKeptWhereNothingShallBe(String cache) {
    upstream.play(Examples::answer);
    try (Proxy without = Proxy.before(upstream.url(), "", "cache: " + cache)) {
      without.post(Examples.REQUEST);
      without.post(Examples.REQUEST);
    }

    assertThat(upstream.calls()).isEqualTo(2);
  }
}
