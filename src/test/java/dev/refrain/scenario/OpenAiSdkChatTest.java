package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.ObjectMappers;
import com.openai.core.http.StreamResponse;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.refrain.testing.Chats;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The official Java SDK asks for chats and embeddings, and sees what the upstream sent. */
class OpenAiSdkChatTest {
  private static final String PLACES = "{\\\"place\\\":\\\"Zürich 😀\\\",\\\"days\\\":3}";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Chats::answer);
  // Only the SDK tries again.
  private final Proxy proxy = Proxy.before(upstream.url(), "", "retry: {maxRetries: 0}");
  private final OpenAIClient client = client(0);

  @AfterEach
  void stop() throws Exception {
    client.close();
    proxy.close();
    upstream.close();
  }

  private OpenAIClient client(int retries) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(proxy.url() + "/v1")
        .apiKey("sk-test")
        .maxRetries(retries)
        .build();
  }

  /** What a choice may hold: the members of its message, the deltas that say them, its finish. */
  static Stream<Arguments> messages() {
    return Stream.of(
        Arguments.of(
            "\"content\":\"Größe 😀\"",
            List.of("\"content\":\"Grö\"", "\"content\":\"ße \"", "\"content\":\"😀\""),
            "stop"),
        Arguments.of(
            "\"refusal\":\"I will not.\"",
            List.of("\"refusal\":\"I will\"", "\"refusal\":\" not.\""),
            "stop"),
        Arguments.of(
            "\"tool_calls\":[" + toolCall("call_1") + "," + toolCall("call_2") + "]",
            Stream.concat(fragments(0).stream(), fragments(1).stream()).toList(),
            "tool_calls"));
  }

  private static String toolCall(String id) {
    return "{\"id\":\"%s\",\"type\":\"function\",\"function\":{\"name\":\"go\",\"arguments\":\"%s\"}}"
        .formatted(id, PLACES);
  }

  /** A call that begins with its name, its arguments in pieces. */
  private static List<String> fragments(int index) {
    String call = "\"tool_calls\":[{\"index\":" + index;
    List<String> deltas = new ArrayList<>();
    deltas.add(
        call
            + ",\"id\":\"call_"
            + (index + 1)
            + "\",\"type\":\"function\",\"function\":{\"name\":\"go\",\"arguments\":\"\"}}]");
    for (String piece : PLACES.split("(?<=:|,)")) {
      deltas.add(call + ",\"function\":{\"arguments\":\"" + piece + "\"}}]");
    }
    return deltas;
  }

  private static Script answer(
      Received request, String message, List<String> deltas, String finish) {
    if (!request.wantsStream()) {
      String choice =
          "{\"index\":0,\"message\":{\"role\":\"assistant\",%s},\"finish_reason\":\"%s\"}"
              .formatted(message, finish);
      return Script.json(
          Chats.usage()
              .replace("chat.completion.chunk", "chat.completion")
              .replace("\"choices\":[]", "\"choices\":[" + choice + "]"));
    }
    Script script = Script.events().data(Chats.chunk(0, "{\"role\":\"assistant\"}", "null"));
    for (String delta : deltas) {
      script = script.data(Chats.chunk(0, "{" + delta + "}", "null"));
    }
    script = script.data(Chats.chunk(0, "{}", "\"" + finish + "\""));
    return (request.wantsUsage() ? script.data(Chats.usage()) : script).done();
  }

  @ParameterizedTest
  @MethodSource("messages")
  void aMessageIsTheSameCreatedAndAccumulatedWhicheverWasStored(
      String message, List<String> deltas, String finish) {
    upstream.play(request -> answer(request, message, deltas, finish));

    JsonNode created = choice(created("stored whole"));
    JsonNode unfolded = choice(accumulated("stored whole"));
    JsonNode streamed = choice(accumulated("stored as a stream"));
    JsonNode repeated = choice(accumulated("stored as a stream"));
    JsonNode folded = choice(created("stored as a stream"));

    assertThat(created.path("message"))
        .isEqualTo(Json.read("{\"role\":\"assistant\"," + message + "}"));
    assertThat(created.path("finish_reason").asText()).isEqualTo(finish);
    assertThat(List.of(unfolded, streamed, repeated, folded)).containsOnly(created);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void severalChoicesAreAccumulatedEachByItsIndex() {
    ChatCompletionCreateParams three = asking("Größe").toBuilder().n(3).build();

    ChatCompletion whole = client.chat().completions().create(three);

    assertThat(whole.choices())
        .extracting(ChatCompletion.Choice::index)
        .containsExactly(0L, 1L, 2L);
    assertThat(accumulated(three).choices())
        .extracting(choice -> choice.message().content().orElseThrow())
        .containsExactly("Größe", "Größe", "Größe");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"float", "base64"})
  void vectorsAreTheSameFromTheUpstreamAndFromTheCache(String format) {
    upstream.play(Vectors::answer);

    List<List<Float>> first = vectors(format, "near", "here", "away");

    assertThat(vectors(format, "near", "here", "away")).isEqualTo(first);
    assertThat(vectors(format, "away", "near"))
        .containsExactly(first.get(2), first.get(0))
        .doesNotHaveDuplicates();
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private List<List<Float>> vectors(String format, String... inputs) {
    CreateEmbeddingResponse answer =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("m")
                    .inputOfArrayOfStrings(List.of(inputs))
                    .encodingFormat(EmbeddingCreateParams.EncodingFormat.of(format))
                    .build());
    assertThat(answer.data()).extracting(one -> (int) one.index()).isSorted();
    return answer.data().stream().map(one -> one.embedding()).toList();
  }

  @Test
  void anErrorIsTheSdksExceptionAndNotTheAnswerToItsRetry() {
    upstream.play(
        request ->
            request.head().first("X-Stainless-Retry-Count").orElse("0").equals("0")
                ? Script.answer(
                    429,
                    "{\"error\":{\"message\":\"slowly\",\"code\":\"c\"}}",
                    "Content-Type: application/json",
                    "Retry-After-Ms: 1")
                : Chats.answer(request));

    RateLimitException thrown =
        catchThrowableOfType(RateLimitException.class, () -> created("an error"));
    OpenAIClient patient = client(2);
    ChatCompletion answer = patient.chat().completions().create(asking("an error"));
    patient.close();

    assertThat(thrown.code()).hasValue("c");
    assertThat(answer.choices().get(0).message().content()).hasValue("an error");
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @Test
  void aStreamThatBreaksOffIsAnExceptionAndNotAnEnd() {
    upstream.play(Script.events().data(Chats.chunk(0, "{\"content\":\"Gr\"}", "null")).cut());

    assertThat(catchThrowableOfType(SseException.class, () -> accumulated("broken"))).isNotNull();
  }

  private static ChatCompletionCreateParams asking(String text) {
    return ChatCompletionCreateParams.builder()
        .model("m")
        .addUserMessage(text)
        .temperature(0)
        .build();
  }

  private ChatCompletion created(String text) {
    return client.chat().completions().create(asking(text));
  }

  private ChatCompletion accumulated(String text) {
    return accumulated(asking(text));
  }

  private ChatCompletion accumulated(ChatCompletionCreateParams asking) {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(asking)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  /** The only choice, without what is null or, as accumulators say it, an empty list. */
  private static JsonNode choice(ChatCompletion answer) {
    try {
      ChatCompletion.Choice choice = answer.choices().get(0);
      return Json.read(
          ObjectMappers.jsonMapper()
              .writeValueAsString(choice)
              .replaceAll("\"[a-z_]+\":(null|\\[]),?", "")
              .replace(",}", "}"));
    } catch (JsonProcessingException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
