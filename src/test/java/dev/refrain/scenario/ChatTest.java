package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.refrain.testing.Chats;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chat completions are looked up, shared, taken apart and kept like completions. */
class ChatTest {
  private static final String TEXT = "Größe one two 😀";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Chats::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void aStoredDocumentAnswersBothFramings() {
    HttpResponse<String> first = post(Chats.asking(TEXT));
    HttpResponse<String> again = post(Chats.asking(TEXT));
    HttpResponse<String> streamed = post(Chats.streaming(TEXT));

    assertThat(again.body()).isEqualTo(first.body()).isEqualTo(Chats.document(TEXT, 1));
    assertThat(status(again)).startsWith("refrain; hit");
    assertThat(Chats.streamed(streamed.body(), 0)).isEqualTo(TEXT);
    assertThat(Events.of(streamed.body()).properlyEnded()).isTrue();
    assertThat(streamed.body()).contains("chat.completion.chunk").doesNotContain("usage");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aStoredStreamAnswersBothFramings() {
    HttpResponse<String> first = post(Chats.streaming(TEXT));
    HttpResponse<String> again = post(Chats.streaming(TEXT));
    HttpResponse<String> whole = post(Chats.asking(TEXT));

    assertThat(again.body()).isEqualTo(first.body());
    assertThat(Json.read(whole.body())).isEqualTo(Json.read(Chats.document(TEXT, 1)));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void equalStreamsRideOneCall() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(Chats.answer(request)));
    List<CompletableFuture<HttpResponse<String>>> answers =
        List.of(later(Chats.streaming(TEXT)), later(Chats.streaming(TEXT)));

    await().until(() -> proxy.metric("refrain_collapsed_total") == 1);
    gate.open();

    assertThat(answers)
        .allSatisfy(answer -> assertThat(Chats.streamed(answer.join().body(), 0)).isEqualTo(TEXT));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"stream\":true,"})
  void severalChoicesAtTemperatureZeroAreOneCall(String further) {
    post(Chats.asking(TEXT));

    HttpResponse<String> answer = post(Chats.asking(TEXT, further + "\"n\":3,"));

    for (int index = 0; index < 3; index++) {
      String text =
          further.isEmpty()
              ? Json.read(answer.body()).at("/choices/" + index + "/message/content").asText()
              : Chats.streamed(answer.body(), index);
      assertThat(text).isEqualTo(TEXT);
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void severalSampledChoicesAreMergedInOneAnswer() {
    String sampled = Chats.asking(TEXT, "\"n\":3,").replace("temperature\":0", "temperature\":1");

    JsonNode choices = Json.read(post(sampled).body()).path("choices");

    assertThat(choices).extracting(choice -> choice.path("index").asInt()).containsExactly(0, 1, 2);
    assertThat(choices)
        .extracting(choice -> choice.at("/message/content").asText())
        .containsOnly(TEXT);
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"store\":true,",
        "\"modalities\":[\"text\",\"audio\"],\"audio\":{\"voice\":\"v\",\"format\":\"wav\"},",
        "\"web_search_options\":{},",
        "\"id_slot\":1,",
      })
  void whatDependsOnAStateIsAskedEachTime(String further) {
    post(Chats.asking(TEXT, further));
    HttpResponse<String> again = post(Chats.asking(TEXT, further));

    assertThat(status(again)).isEqualTo("refrain; fwd=bypass; detail=stateful");
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],",
        "\"response_format\":{\"type\":\"json_object\"},",
        "\"reasoning_effort\":\"low\",",
        "\"logprobs\":true,",
        "\"top_logprobs\":2,",
        "\"modalities\":[\"text\"],",
        "\"max_completion_tokens\":5,",
      })
  void whatMayChangeTheAnswerIsAnotherRequest(String further) {
    post(Chats.asking(TEXT));
    HttpResponse<String> other = post(Chats.asking(TEXT, further));

    assertThat(status(other)).startsWith("refrain; fwd=uri-miss");
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void aTextAndAPartWithTheTextAreTwoRequests() {
    post(Chats.asking("x"));
    post(Chats.asking("x").replace("\"x\"", "[{\"type\":\"text\",\"text\":\"x\"}]"));

    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void theSpellingOfAMessageDoesNotMatter() {
    post(
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":0}");
    HttpResponse<String> again =
        post(
            "{\"temperature\":\"0.0\", \"messages\" :"
                + " [{\"content\":\"\\u0078\",\"role\":\"user\"}],"
                + "\"n\":\"1\",\"user\":\"someone\",\"model\":\"m\"}");

    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE"})
  void otherMethodsPassThrough(String method) {
    upstream.play(Script.json("{\"object\":\"list\"}"));

    HttpResponse<String> answer =
        proxy.send(proxy.request(Chats.PATH).method(method, BodyPublishers.noBody()).build());

    assertThat(answer.body()).isEqualTo("{\"object\":\"list\"}");
    assertThat(answer.headers().firstValue("Cache-Status")).isEmpty();
  }

  @Test
  void theOfficialSdkAccumulatesTheSameAnswer() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder().baseUrl(proxy.url() + "/v1").apiKey("k").build();
    ChatCompletionCreateParams asking =
        ChatCompletionCreateParams.builder()
            .model("m")
            .addUserMessage(TEXT)
            .temperature(0.0)
            .build();

    ChatCompletion plain = client.chat().completions().create(asking);
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(asking)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    client.close();

    assertThat(accumulator.chatCompletion().choices().get(0).message().content())
        .isEqualTo(plain.choices().get(0).message().content())
        .contains(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private HttpResponse<String> post(String body) {
    return proxy.postTo(Chats.PATH, body);
  }

  private CompletableFuture<HttpResponse<String>> later(String body) {
    return CompletableFuture.supplyAsync(() -> post(body));
  }

  private static String status(HttpResponse<String> answer) {
    return answer.headers().firstValue("Cache-Status").orElseThrow();
  }
}
