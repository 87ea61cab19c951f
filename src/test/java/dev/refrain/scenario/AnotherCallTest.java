package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may change the answer, or belongs to somebody else, is asked anew. */
class AnotherCallTest {
  private static final String KEY = "Bearer one";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  /**
   * Every field of the published schema that can change an answer, with a first and another. What
   * {@code n} and several prompts make of a call is told by {@link ManyChoicesTest}.
   */
  static Stream<Arguments> fields() {
    return Stream.of(
        field("model", "\"m\"", "\"m2\""),
        field("prompt", "\"1\"", "\"1 \""),
        field("prompt", "\"Say\"", "\"say\""),
        field("prompt", "\"1\"", "[1]"),
        field("prompt", "[1]", "[2]"),
        field("prompt", "\"\\u00e9\"", "\"e\\u0301\""),
        field("prompt", "\"a\"", null),
        field("best_of", "1", "2"),
        field("echo", "true", "false"),
        field("echo", null, "true"),
        field("frequency_penalty", "0.5", "0.25"),
        field("presence_penalty", "1", "-1"),
        field("logit_bias", "{\"50256\":-100}", "{\"50256\":-99}"),
        field("logit_bias", "{\"1\":1}", "{\"2\":1}"),
        field("logprobs", "0", "1"),
        field("logprobs", null, "0"),
        field("max_tokens", "7", "8"),
        field("max_tokens", "0", null),
        field("seed", "9007199254740993", "9007199254740992"),
        field("seed", "1", "-1"),
        field("stop", "\"a\"", "\"b\""),
        field("stop", "\"ab\"", "[\"a\",\"b\"]"),
        field("stop", null, "\" \""),
        field("suffix", "\"a\"", "\"b\""),
        field("suffix", "\"\"", null),
        field("top_p", "0.5", "0.50000000000000001"),
        field("top_p", "1", null));
  }

  /** Fields that servers added, and fields that nobody knows. */
  static Stream<Arguments> unknownFields() {
    return Stream.of(
        field("top_k", "1", "2"),
        field("min_p", "0.1", "0.2"),
        field("guided_json", "{\"a\":{\"b\":1,\"c\":2}}", "{\"a\":{\"b\":1,\"c\":3}}"),
        field("structured_outputs", "{\"choice\":[\"a\",\"b\"]}", "{\"choice\":[\"b\",\"a\"]}"),
        field("min_tokens", "1", "2"),
        field("repetition_penalty", "1.1", "1.2"),
        field("cache_prompt", "true", "false"),
        field("x_flag", null, "false"),
        field("x_text", "\"1\"", "1"),
        field("x_number", "9007199254740993", "9007199254740992"),
        field("x_list", "[]", "{}"),
        field("X_list", "1", "2"),
        field("cache_salt", "\"a\"", "\"b\""),
        field("extra_key", "\"a\"", null));
  }

  private static Arguments field(String name, String value, String other) {
    return Arguments.of(name, value, other);
  }

  private static String body(String name, String value) {
    Map<String, String> fields =
        new TreeMap<>(Map.of("model", "\"m\"", "prompt", "\"p\"", "temperature", "0"));
    if (value == null) {
      fields.remove(name);
    } else {
      fields.put(name, value);
    }
    StringBuilder body = new StringBuilder("{");
    fields.forEach((key, json) -> body.append('"').append(key).append("\":").append(json + ","));
    return body.deleteCharAt(body.length() - 1).append('}').toString();
  }

  @ParameterizedTest
  @MethodSource({"fields", "unknownFields"})
  void anotherValueIsAnotherCall(String name, String value, String other) {
    assertThat(proxy.post(body(name, value)).statusCode()).isEqualTo(200);
    assertThat(proxy.post(body(name, other)).statusCode()).isEqualTo(200);

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("unknownFields")
  void theSameUnknownFieldIsTheSameCall(String name, String value, String other) {
    proxy.post(body(name, other));
    proxy.post(body(name, other));

    assertThat(upstream.calls()).isEqualTo(1);
  }

  static Stream<Arguments> callers() {
    return Stream.of(
        Arguments.of("Authorization", "Bearer two"),
        Arguments.of("OpenAI-Organization", "org-2"),
        Arguments.of("OpenAI-Project", "proj-2"),
        Arguments.of("api-key", "two"));
  }

  @ParameterizedTest
  @MethodSource("callers")
  void anotherCallerIsAnotherCall(String header, String value) {
    String question = Examples.asking("who");
    proxy.post(question, "Authorization", KEY, "OpenAI-Organization", "o", "OpenAI-Project", "p");
    proxy.send(
        proxy
            .request(
                "/v1/completions",
                "Authorization",
                KEY,
                "OpenAI-Organization",
                "o",
                "OpenAI-Project",
                "p")
            .setHeader(header, value)
            .POST(java.net.http.HttpRequest.BodyPublishers.ofString(question))
            .build());

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void aCallerWithoutAKeyIsNotServedTheAnswersOfOneWithAKey() {
    proxy.post(Examples.asking("who"), "Authorization", KEY);
    proxy.post(Examples.asking("who"));

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "0.7", "1e-9", "\"1\"", "null"})
  void whatIsNotDeterministicIsAskedEachTime(String temperature) {
    proxy.post(body("temperature", temperature));
    proxy.post(body("temperature", temperature));

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void absentTemperatureIsNotZero() {
    proxy.post(body("temperature", null));
    proxy.post(body("temperature", null));

    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(upstream.last().json().has("temperature")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"store\":true",
        "\"kv_transfer_params\":{\"a\":1}",
        "\"bootstrap_room\":7",
        "\"data_parallel_rank\":0",
        "\"session_id\":\"s\"",
        "\"id_slot\":1",
        "\"return_hidden_states\":true",
        "\"timings_per_token\":true"
      })
  void whatDependsOnTheServersStateIsAskedEachTime(String field) {
    String body = Examples.asking("state").replace("}", "," + field + "}");
    proxy.post(body);

    assertThat(proxy.post(body).headers().firstValue("Cache-Status"))
        .hasValue("refrain; fwd=bypass; detail=stateful");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(upstream.last().text()).isEqualTo(body);
  }
}
