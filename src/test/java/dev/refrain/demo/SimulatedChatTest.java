package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.demo.UpstreamClient.Reply;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.chat.Chat;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chats of the simulated upstream. */
class SimulatedChatTest {
  private static final String TOOLS =
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}]";

  private final Vertx vertx = Vertx.vertx();
  private SimulatedUpstream upstream;
  private UpstreamClient client;

  @BeforeEach
  void start() {
    upstream = awaited(SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)));
    client = new UpstreamClient(vertx, upstream.port());
  }

  @AfterEach
  void stop() {
    awaited(upstream.stop());
    awaited(vertx.close());
  }

  @Test
  void aChatIsAnsweredWithAMessage() {
    Reply reply = client.chat(asking("\"n\":2"));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getString("object")).isEqualTo("chat.completion");
    assertThat(reply.choice(1).getJsonObject("message").getString("content")).isNotEmpty();
    assertThat(reply.choice(0).getString("finish_reason")).isEqualTo("length");
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void aChatWithToolsIsAnsweredWithACall() {
    JsonObject choice = client.chat(asking(TOOLS)).choice(0);

    JsonArray calls = choice.getJsonObject("message").getJsonArray("tool_calls");
    JsonObject function = calls.getJsonObject(0).getJsonObject("function");
    assertThat(function.getString("name")).isEqualTo("weather");
    assertThat(new JsonObject(function.getString("arguments")).getString("text")).isNotEmpty();
    assertThat(choice.getString("finish_reason")).isEqualTo("tool_calls");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"n\":1",
        "\"n\":3",
        TOOLS,
        "\"reasoning_effort\":\"low\"",
        "\"n\":2,\"logprobs\":true,\"top_logprobs\":2",
        "\"reasoning_effort\":\"low\",\"logprobs\":true," + TOOLS,
      })
  void aStreamSaysWhatTheDocumentSays(String further) {
    String streaming = further + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    JsonObject plain = client.chat(asking(further)).json();
    String events = client.chat(asking(streaming)).body().replace("data: [DONE]\n\n", "");

    JsonObject folded =
        new JsonObject(Chat.LANGUAGE.render(entry(events), Framing.WHOLE, false).orElseThrow());

    assertThat(comparable(folded)).isEqualTo(comparable(plain));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"model\":\"m\"}", "{\"model\":\"m\",\"messages\":[]}"})
  void aChatWithoutMessagesIsRefused(String body) {
    Reply reply = client.chat(body);

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.error().getString("param")).isEqualTo("messages");
  }

  /** An answer without what differs from call to call. */
  private static JsonObject comparable(JsonObject answer) {
    answer.remove("id");
    answer.remove("created");
    return new JsonObject(answer.encode().replaceAll("call_[0-9]+_", "call_"));
  }

  private static String asking(String further) {
    return "{\"model\":\"m\",\"temperature\":0,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        + further
        + "}";
  }

  private static Entry entry(String events) {
    Head head = new Head(200, HttpHeaders.headers());
    Fingerprint any = new Fingerprint(1, 2, 3, 4);
    return new Entry(any, Framing.STREAM, head, Buffer.buffer(events), Tokens.of(1, 1), 0, "m", 0);
  }
}
