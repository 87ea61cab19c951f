package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Events;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What means the same is asked once. */
class NeverTwiceTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void theExampleGivesTheDocumentedAnswerTwiceWithOneCall() {
    HttpResponse<String> first = proxy.post(Examples.REQUEST);
    HttpResponse<String> second = proxy.post(Examples.REQUEST);

    assertThat(List.of(first.statusCode(), second.statusCode())).containsOnly(200);
    assertThat(first.body()).isEqualTo(Examples.ANSWER);
    assertThat(second.body()).isEqualTo(Examples.ANSWER);
    assertThat(contentType(first)).isEqualTo("application/json").isEqualTo(contentType(second));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  static Stream<String> sameMeaning() {
    String example = Examples.REQUEST;
    return Stream.of(
        // every field a string, as one of the descriptions types them
        "{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":\"Say this is a"
            + " test\",\"max_tokens\":\"7\",\"temperature\":\"0\",\"top_p\":\"1\",\"n\":\"1\",\"stream\":\"false\",\"logprobs\":\"\",\"stop\":\"\\n"
            + "\"}",
        // another order, other white space
        "{ \"stop\" : \"\\n\",\n\"n\":1,\"top_p\":1,\"stream\":false,\"logprobs\":null,"
            + "\"temperature\":0,\"prompt\":\"Say this is a test\",\t\"max_tokens\":7,"
            + "\"model\":\"gpt-3.5-turbo-instruct\" }\r\n",
        with("\"temperature\":0", "\"temperature\":0.0"),
        with("\"temperature\":0", "\"temperature\":-0"),
        with("\"temperature\":0", "\"temperature\":-0.0"),
        with("\"temperature\":0", "\"temperature\":0e5"),
        with("\"temperature\":0", "\"temperature\":\"0.0\""),
        with("\"top_p\":1", "\"top_p\":1.0"),
        with("\"top_p\":1", "\"top_p\":\"1.00\""),
        with("\"max_tokens\":7", "\"max_tokens\":7.0"),
        with("\"max_tokens\":7", "\"max_tokens\":70e-1"),
        with("\"stop\":\"\\n\"", "\"stop\":[\"\\n\"]"),
        with("\"stop\":\"\\n\"", "\"stop\":\"\\u000a\""),
        with("\"prompt\":\"Say this is a test\"", "\"prompt\":[\"Say this is a test\"]"),
        with("Say this", "\\u0053ay th\\u0069s"),
        with("\"stream\":false,", ""),
        with("\"logprobs\":null,", ""),
        with("\"n\":1,", ""),
        with("\"n\":1", "\"n\":null"),
        with("\"model\"", "\"user\":\"someone else\",\"model\""),
        with("\"model\"", "\"metadata\":{\"a\":\"b\"},\"service_tier\":\"flex\",\"model\""),
        with(
            "\"model\"",
            "\"suffix\":null,\"seed\":null,\"logit_bias\":null,\"best_of\":null,\"echo\":null,"
                + "\"frequency_penalty\":null,\"presence_penalty\":null,\"stream_options\":null,"
                + "\"top_k\":null,\"model\""),
        example);
  }

  private static String with(String part, String other) {
    assertThat(Examples.REQUEST).contains(part);
    return Examples.REQUEST.replace(part, other);
  }

  @ParameterizedTest
  @MethodSource("sameMeaning")
  void whatMeansTheSameIsServedFromTheSameEntry(String spelling) {
    proxy.post(Examples.REQUEST);

    HttpResponse<String> again = proxy.post(spelling);

    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(again.body()).isEqualTo(Examples.ANSWER);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("sameMeaning")
  void anySpellingMayComeFirst(String spelling) {
    proxy.post(spelling);

    assertThat(proxy.post(Examples.REQUEST).body()).isEqualTo(Examples.ANSWER);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aKeptAnswerIsServedAsAStream() {
    proxy.post(Examples.REQUEST);

    HttpResponse<String> streamed = proxy.post(Examples.streaming());

    assertThat(contentType(streamed)).startsWith("text/event-stream");
    Events events = Events.of(streamed.body());
    assertThat(events.text(0)).isEqualTo(Examples.TEXT);
    assertThat(events.properlyEnded()).isTrue();
    JsonNode last = events.json().get(events.json().size() - 1);
    assertThat(last.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(streamed.body()).doesNotContain("usage");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aKeptStreamIsServedAsADocument() {
    proxy.post(Examples.streaming());

    HttpResponse<String> whole = proxy.post(Examples.REQUEST);

    assertThat(contentType(whole)).startsWith("application/json");
    assertThat(Examples.text(whole.body())).isEqualTo(Examples.TEXT);
    assertThat(Json.read(whole.body()).at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(Json.read(whole.body()).at("/usage"))
        .isEqualTo(Json.read(Examples.ANSWER).at("/usage"));
    assertThat(Json.read(whole.body()).path("object").asText()).isEqualTo("text_completion");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aKeptStreamIsServedAsAStream() {
    HttpResponse<String> first = proxy.post(Examples.streaming());
    HttpResponse<String> second = proxy.post(Examples.streaming());

    assertThat(first.body()).doesNotContain("usage");
    assertThat(second.body()).isEqualTo(first.body());
    assertThat(Events.of(second.body()).json()).hasSize(3);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void usageIsThereForTheStreamThatAskedForItAndOnlyForIt() {
    String withUsage =
        Examples.streaming().replace("}", ",\"stream_options\":{\"include_usage\":true}}");
    proxy.post(Examples.streaming());

    HttpResponse<String> asked = proxy.post(withUsage);
    HttpResponse<String> notAsked = proxy.post(Examples.streaming());

    assertThat(Events.of(asked.body()).json().get(3).at("/usage/total_tokens").asInt())
        .isEqualTo(12);
    assertThat(Events.of(asked.body()).properlyEnded()).isTrue();
    assertThat(notAsked.body()).doesNotContain("usage");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private static String contentType(HttpResponse<String> answer) {
    return answer.headers().firstValue("Content-Type").orElse("");
  }
}
