package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Language;
import dev.refrain.inference.Part;
import dev.refrain.openai.AnswerScan.WholeProof;
import dev.refrain.openai.AnswerShape;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.Field;
import dev.refrain.openai.RequestSchema;
import dev.refrain.openai.RequestSchema.Determinism;
import dev.refrain.openai.WholeMerge;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.buffer.Buffer;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An endpoint that does not exist, with one array field and an array of answers of its own: it
 * takes a value and a small language, and gets what every endpoint gets.
 */
class EchoesTest {
  private static final AnswerShape SHAPE = new AnswerShape("echoes", Set.of(), Map.of());

  private static final EndpointDefinition ECHOES =
      new EndpointDefinition(
          new RequestSchema(
              bounds -> List.of(Field.text("model"), Field.inputs("texts")), Determinism.ALWAYS),
          SHAPE,
          new Echoes());

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(EchoesTest::answer);
  private final Proxy proxy = Proxy.answering(List.of(ECHOES), upstream);

  /** The answers of the endpoint. */
  private record Echoes() implements Language {
    @Override
    public Endpoint endpoint() {
      return new Endpoint("/v1/echoes", "echoes", "echo");
    }

    @Override
    public Completeness completeness(Buffer body, int elements) {
      return WholeProof.of(SHAPE, body, elements);
    }

    @Override
    public Optional<Buffer> render(Entry entry, Framing framing, boolean usage) {
      return Optional.of(entry.body());
    }

    @Override
    public Optional<Buffer> merge(List<Part.Answer> answers) {
      return WholeMerge.of(SHAPE, answers);
    }
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void whatWasAskedIsNotAskedAgain() {
    HttpResponse<String> first = ask("\"a\"");
    HttpResponse<String> second = ask("\"a\"");

    assertThat(second.body()).isEqualTo(first.body());
    assertThat(second.headers().firstValue("Cache-Status").orElseThrow()).contains("hit");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(proxy.manage("/metrics").body())
        .contains(
            "refrain_requests_total{endpoint=\"echoes\",framing=\"whole\",rule=\"default\","
                + "source=\"memory\",status=\"2xx\"} 1.0");
  }

  @Test
  void aRequestJoinsACallForTheSame() {
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(answer(request)));
    List<CompletableFuture<HttpResponse<String>>> answers =
        Stream.generate(() -> CompletableFuture.supplyAsync(() -> ask("\"a\""))).limit(3).toList();

    await().until(() -> proxy.metric("refrain_collapsed_total") == 2);
    gate.open();

    assertThat(answers).allSatisfy(each -> assertThat(each.join().statusCode()).isEqualTo(200));
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void onlyElementsThatAreMissingAreAskedForAndTheirOrderIsKept() {
    ask("[\"a\",\"c\"]");

    HttpResponse<String> all = ask("[\"a\",\"b\",\"c\",\"b\"]");

    List<String> echoes = new ArrayList<>();
    for (JsonNode echo : Json.read(all.body()).path("echoes")) {
      assertThat(echo.path("index").asInt()).isEqualTo(echoes.size());
      echoes.add(echo.path("echo").asText());
    }
    assertThat(echoes).containsExactly("a", "b", "c", "b");
    assertThat(upstream.received().stream().map(EchoesTest::texts))
        .containsExactlyInAnyOrder(List.of("a"), List.of("c"), List.of("b"));
  }

  @Test
  void otherPathsPassThrough() {
    upstream.play(Script.json("{}"));

    assertThat(proxy.post("not even JSON").headers().map()).doesNotContainKey("cache-status");
  }

  private HttpResponse<String> ask(String texts) {
    return proxy.postTo("/v1/echoes", "{\"model\":\"m\",\"texts\":" + texts + "}");
  }

  private static Script answer(Received request) {
    List<String> texts = texts(request);
    StringBuilder echoes = new StringBuilder();
    for (int i = 0; i < texts.size(); i++) {
      String before = i == 0 ? "" : ",";
      echoes.append(before + "{\"index\":" + i + ",\"echo\":\"" + texts.get(i) + "\"}");
    }
    return Script.json("{\"object\":\"list\",\"echoes\":[" + echoes + "],\"model\":\"m\"}");
  }

  private static List<String> texts(Received request) {
    JsonNode texts = request.json().path("texts");
    List<String> all = new ArrayList<>();
    if (texts.isTextual()) {
      all.add(texts.asText());
    }
    texts.forEach(text -> all.add(text.asText()));
    return all;
  }
}
