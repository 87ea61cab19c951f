package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.ObjectMappers;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The official Java SDK, which knows of no proxy, sees what the upstream sent. */
class OpenAiSdkTest {
  private static final String FURTHER =
      "\"system_fingerprint\":\"fp_1\",\"stop_reason\":null,\"kv\":{\"a\":[1.5,9007199254740993]},";
  private static final String ANSWER =
      "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1589478378,\"model\":\"m\","
          + FURTHER
          + "\"choices\":[{\"text\":\"Größe 😀\",\"index\":0,\"token_ids\":[1,2],"
          + "\"logprobs\":{\"tokens\":[\"a\"],\"token_logprobs\":[-0.5],"
          + "\"top_logprobs\":[{\"a\":-0.5}],\"text_offset\":[0]},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12,"
          + "\"cost\":0.01}}";
  private static final List<String> CHUNKS =
      List.of(
          chunk("Größe", null, FURTHER), chunk(" 😀", null, FURTHER), chunk("", "stop", FURTHER));

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy = Proxy.before(upstream);
  private final OpenAIClient client =
      OpenAIOkHttpClient.builder()
          .baseUrl(proxy.url() + "/v1")
          .apiKey("sk-test")
          .maxRetries(0)
          .build();

  @AfterEach
  void stop() throws Exception {
    client.close();
    proxy.close();
    upstream.close();
  }

  private static CompletionCreateParams asking(double temperature) {
    return CompletionCreateParams.builder()
        .model("m")
        .prompt("Say this is a test")
        .temperature(temperature)
        .build();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void aPlainAnswerEqualsWhatTheUpstreamSent(double temperature) throws Exception {
    upstream.play(Script.json(ANSWER));

    Completion first = client.completions().create(asking(temperature));
    Completion second = client.completions().create(asking(temperature));

    assertThat(json(first)).isEqualTo(Json.read(ANSWER));
    assertThat(json(second)).isEqualTo(Json.read(ANSWER));
    assertThat(json(first).fieldNames()).toIterable().contains("stop_reason", "kv");
    assertThat(upstream.calls()).isEqualTo(temperature == 0 ? 1 : 2);
    assertThat(upstream.last().head().first("Authorization")).hasValue("Bearer sk-test");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1})
  void aStreamEqualsWhatTheUpstreamSent(double temperature) throws Exception {
    upstream.play(
        request -> {
          Script script = Script.events();
          for (String chunk : CHUNKS) {
            script = script.data(chunk);
          }
          return (request.wantsUsage() ? script.data(Examples.usage()) : script).done();
        });
    List<JsonNode> sent = CHUNKS.stream().map(Json::read).toList();

    assertThat(streamed(asking(temperature))).isEqualTo(sent);
    assertThat(streamed(asking(temperature))).isEqualTo(sent);
    assertThat(upstream.calls()).isEqualTo(temperature == 0 ? 1 : 2);
  }

  @Test
  void aKeptPlainAnswerIsAStreamOfTheSameText() throws Exception {
    upstream.play(Script.json(ANSWER));
    client.completions().create(asking(0));

    try (StreamResponse<Completion> stream = client.completions().createStreaming(asking(0))) {
      List<Completion> chunks = stream.stream().toList();
      StringBuilder text = new StringBuilder();
      chunks.forEach(chunk -> chunk.choices().forEach(choice -> text.append(choice.text())));

      assertThat(text).hasToString("Größe 😀");
      assertThat(chunks).allMatch(chunk -> json(chunk).has("kv"));
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private List<JsonNode> streamed(CompletionCreateParams params) throws Exception {
    try (StreamResponse<Completion> stream = client.completions().createStreaming(params)) {
      return stream.stream().map(OpenAiSdkTest::json).toList();
    }
  }

  private static JsonNode json(Completion completion) {
    try {
      return Json.read(ObjectMappers.jsonMapper().writeValueAsString(completion));
    } catch (com.fasterxml.jackson.core.JsonProcessingException impossible) {
      throw new AssertionError(impossible);
    }
  }

  static Stream<Arguments> errors() {
    return Stream.of(
        Arguments.of(400, BadRequestException.class),
        Arguments.of(401, UnauthorizedException.class),
        Arguments.of(429, RateLimitException.class),
        Arguments.of(500, InternalServerException.class));
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorOfTheUpstreamIsTheSdksException(
      int status, Class<? extends OpenAIServiceException> type) {
    upstream.play(
        Script.answer(
            status,
            "{\"error\":{\"message\":\"why\",\"type\":\"t\",\"param\":\"p\",\"code\":\"c\"}}",
            "Content-Type: application/json",
            "Retry-After: 7"));

    OpenAIServiceException thrown =
        catchThrowableOfType(type, () -> client.completions().create(asking(0)));

    assertThat(thrown.statusCode()).isEqualTo(status);
    assertThat(thrown.code()).hasValue("c");
    assertThat(thrown.param()).hasValue("p");
    assertThat(thrown.getMessage()).contains("why");
    assertThat(thrown.headers().values("Retry-After")).containsExactly("7");
  }

  @Test
  void anErrorOfOursIsTheSdksExceptionToo() {
    BadRequestException thrown =
        catchThrowableOfType(
            BadRequestException.class, () -> client.completions().create(asking(3)));

    assertThat(thrown.param()).hasValue("temperature");
    assertThat(thrown.type()).hasValue("invalid_request_error");
    assertThat(upstream.calls()).isZero();
  }

  @Test
  void aStreamThatBreaksOffIsAnExceptionAndNotAnEnd() {
    upstream.play(Script.events().data(CHUNKS.get(0)).cut());

    assertThat(catchThrowableOfType(SseException.class, () -> streamed(asking(0)))).isNotNull();
  }
}
