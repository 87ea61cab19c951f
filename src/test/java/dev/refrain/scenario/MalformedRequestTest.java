package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.ScriptedUpstream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What has no meaning is refused with the field's name, nothing of it reaches the upstream, and the
 * connection goes on.
 */
class MalformedRequestTest {
  private static ScriptedUpstream upstream;
  private static Proxy proxy;
  private RawClient client;

  @BeforeAll
  static void start() {
    upstream = ScriptedUpstream.playing(Examples::answer);
    proxy = Proxy.before(upstream);
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @BeforeEach
  void connect() throws Exception {
    client = proxy.connect();
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
  }

  /**
   * Bodies that are not one sound JSON object in UTF-8; the field being read may be named or not.
   */
  static Stream<Arguments> notJson() {
    return Stream.of(
        body("an empty body", ""),
        body("white space", " \r\n"),
        body("a word", "hello"),
        body("an array", "[" + Examples.asking("a") + "]"),
        body("a string", "\"model\""),
        body("null", "null"),
        body("no quotes", "{model:\"m\"}"),
        body("single quotes", "{'model':'m'}"),
        body("a comment", "{/* c */\"model\":\"m\"}"),
        body("a trailing comma", "{\"model\":\"m\",}"),
        body("no comma", "{\"model\":\"m\" \"prompt\":\"p\"}"),
        body("a second document", Examples.asking("a") + "{}"),
        body("trailing bytes", Examples.asking("a") + "x"),
        body("a trailing nul", Examples.asking("a") + "\0"),
        body("a body cut in a string", "{\"model\":\"m\",\"prompt\":\"ab"),
        body("a body cut after a value", "{\"model\":\"m\""),
        body("a raw line feed in a string", "{\"model\":\"m\",\"prompt\":\"a\nb\"}"),
        body("a raw nul in a string", "{\"model\":\"m\",\"prompt\":\"a\0b\"}"),
        body("an unknown escape", "{\"model\":\"m\",\"prompt\":\"\\x\"}"),
        body("half an escape", "{\"model\":\"m\",\"prompt\":\"\\u12\"}"),
        body("an unknown field given twice", "{\"model\":\"m\",\"x\":1,\"x\":1}"),
        body("a leading zero", "{\"model\":\"m\",\"temperature\":00}"),
        body("a plus sign", "{\"model\":\"m\",\"temperature\":+0}"),
        body("a bare point", "{\"model\":\"m\",\"temperature\":.0}"),
        body("hexadecimal", "{\"model\":\"m\",\"max_tokens\":0x10}"),
        body("not a number", "{\"model\":\"m\",\"temperature\":NaN}"),
        body("infinity", "{\"model\":\"m\",\"temperature\":Infinity}"),
        body("minus infinity", "{\"model\":\"m\",\"x\":-Infinity}"),
        body("capital True", "{\"model\":\"m\",\"stream\":True}"),
        body("a byte order mark", "\ufeff" + Examples.asking("a")),
        latin("a lone continuation byte", "{\"model\":\"m\",\"prompt\":\"\u0080\"}"),
        latin("latin-1", "{\"model\":\"m\",\"prompt\":\"caf\u00e9\"}"),
        latin("an overlong slash", "{\"model\":\"m\",\"prompt\":\"\u00c0\u00af\"}"),
        latin("an overlong nul", "{\"model\":\"m\",\"prompt\":\"\u00c0\u0080\"}"),
        latin("an overlong quote", "{\"model\":\"m\",\"prompt\":\"\u00e0\u0080\u00a2\"}"),
        latin("an encoded surrogate", "{\"model\":\"m\",\"prompt\":\"\u00ed\u00a0\u0080\"}"),
        latin("beyond unicode", "{\"model\":\"m\",\"prompt\":\"\u00f5\u0080\u0080\u0080\"}"),
        latin("half a character", "{\"model\":\"m\",\"prompt\":\"\u00e2\u0082\"}"),
        Arguments.of("UTF-16", Examples.asking("a").getBytes(StandardCharsets.UTF_16)),
        Arguments.of("UTF-16LE", Examples.asking("a").getBytes(StandardCharsets.UTF_16LE)),
        body("arrays nested 100000 deep", "{\"model\":\"m\",\"x\":" + "[".repeat(100_000)),
        body(
            "objects nested 100000 deep",
            "{\"model\":\"m\",\"x\":" + "{\"a\":".repeat(100_000) + "1" + "}".repeat(100_001)),
        body(
            "a prompt nested 100000 deep",
            "{\"model\":\"m\",\"prompt\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}"));
  }

  private static Arguments body(String what, String body) {
    return Arguments.of(what, body.getBytes(StandardCharsets.UTF_8));
  }

  private static Arguments latin(String what, String body) {
    return Arguments.of(what, body.getBytes(StandardCharsets.ISO_8859_1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("notJson")
  void whatIsNotOneJsonObjectIsRefused(String what, byte[] body) throws Exception {
    int before = upstream.calls();

    refused(body);

    assertThat(upstream.calls()).isEqualTo(before);
    theConnectionGoesOn("after " + what);
  }

  /** A field, and a value that has no meaning there. */
  static Stream<Arguments> fields() {
    return Stream.of(
            fields("prompt", "[]", "[[]]", "[[1],[]]", "[-1]"),
            fields("max_tokens", "-2", "1.5", "\"seven\"", "true", "[]", "{}", "\"-2\"", "1e999"),
            fields("temperature", "2.1", "-0.1", "1e999", "\"hot\"", "true", "[0]", "{}"),
            fields(
                "temperature",
                "\"NaN\"",
                "\"Infinity\"",
                "\"0x0\"",
                "\" 0\"",
                "\"0,5\"",
                "-1e-999"),
            fields("top_p", "1.1", "-0.1", "\"x\"", "false", "[]"),
            fields("n", "0", "129", "-1", "1.5", "\"two\"", "true", "[]", "9223372036854775808"),
            fields("best_of", "-1", "21", "\"x\"", "0.5", "true"),
            fields("logprobs", "65537", "-2", "\"x\"", "2.5", "[]"),
            fields("frequency_penalty", "2.1", "-2.1", "\"x\"", "true"),
            fields("presence_penalty", "2.1", "-2.1", "\"x\"", "[]"),
            fields("logit_bias", "1", "\"x\"", "{\"1\":101}", "{\"1\":-101}", "{\"1\":\"x\"}"),
            fields("logit_bias", "{\"1\":true}", "{\"1\":[]}", "{\"1\":{}}"),
            fields("stop", "1", "true", "{}", "[1]", "[\"a\",1]", "[null]", "[[\"a\"]]"),
            fields("stop", "[\"a\"" + ",\"a\"".repeat(64) + "]"),
            fields("echo", "\"maybe\"", "1", "[]"),
            fields("stream", "\"maybe\"", "1", "[]", "{}"),
            fields("stream_options", "{\"include_usage\":true}", "1", "\"x\"", "[]", "true"),
            fields("seed", "1.5", "\"x\"", "true", "9223372036854775808", "[]"),
            fields("suffix", "1", "true", "[]"),
            fields("user", "1", "true", "{}"))
        .flatMap(each -> each);
  }

  private static Stream<Arguments> fields(String name, String... values) {
    return Stream.of(values).map(value -> Arguments.of(name, value));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @MethodSource("fields")
  void aValueWithoutMeaningIsRefusedByName(String field, String value) throws Exception {
    int before = upstream.calls();

    JsonNode error = refused(with(field, value));

    assertThat(error.path("param").asText()).isEqualTo(field);
    assertThat(upstream.calls()).isEqualTo(before);
    theConnectionGoesOn("after " + field + value.replaceAll("[^a-z0-9]", ""));
  }

  private static byte[] with(String field, String value) {
    String model = field.equals("model") ? "" : "\"model\":\"m\",";
    String body = "{" + model + "\"" + field + "\":" + value + "}";
    return body.getBytes(StandardCharsets.UTF_8);
  }

  /** Fields that have no meaning together, or twice. */
  static Stream<Arguments> together() {
    return Stream.of(
        Arguments.of("best_of", "{\"model\":\"m\",\"n\":3,\"best_of\":2}"),
        Arguments.of("best_of", "{\"model\":\"m\",\"best_of\":2,\"stream\":true}"),
        Arguments.of("temperature", "{\"model\":\"m\",\"temperature\":0,\"temperature\":1}"),
        Arguments.of("prompt", "{\"model\":\"m\",\"prompt\":\"a\",\"pro\\u006dpt\":\"b\"}"),
        Arguments.of(
            "stream_options",
            "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":\"maybe\"}}"));
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("together")
  void fieldsThatDoNotGoTogetherAreRefusedByName(String field, String body) throws Exception {
    int before = upstream.calls();

    JsonNode error = refused(body.getBytes(StandardCharsets.UTF_8));

    assertThat(error.path("param").asText()).isEqualTo(field);
    assertThat(upstream.calls()).isEqualTo(before);
    theConnectionGoesOn("together " + field);
  }

  private JsonNode refused(byte[] body) throws Exception {
    RawClient.Answer answer = client.post(body).answer();
    String text = answer.text();
    assertThat(answer.status()).as(text).isEqualTo(400);
    assertThat(answer.head().first("Content-Type").orElse("")).startsWith("application/json");
    JsonNode error = Json.read(text).path("error");
    assertThat(error.path("message").asText()).isNotBlank();
    assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
    assertThat(error.has("param") && error.has("code")).as(text).isTrue();
    return error;
  }

  private void theConnectionGoesOn(String prompt) throws Exception {
    RawClient.Answer next = client.post(Examples.asking(prompt)).answer();
    assertThat(next.status()).isEqualTo(200);
    assertThat(next.text()).isEqualTo(Examples.ANSWER);
  }
}
