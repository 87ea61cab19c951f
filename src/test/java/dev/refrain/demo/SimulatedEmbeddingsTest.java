package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.demo.UpstreamClient.Reply;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Embeddings of the simulated upstream. */
class SimulatedEmbeddingsTest {
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
  void anAnswerHasTheShapeOfTheApi() {
    Reply reply = client.embed(asking("[\"one two\",\"three\"]", ""));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().getString("object")).isEqualTo("list");
    assertThat(reply.json().getString("model")).isEqualTo("m");
    assertThat(reply.json().getJsonObject("usage"))
        .isEqualTo(JsonObject.of("prompt_tokens", 3, "total_tokens", 3));
    assertThat(reply.json().getJsonArray("data")).hasSize(2);
    assertThat(element(reply, 1).getInteger("index")).isEqualTo(1);
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(upstream.tokens()).isEqualTo(3);
  }

  @Test
  void equalInputsHaveEqualVectorsOfLengthOneAndOthersHaveOthers() {
    Reply reply = client.embed(asking("[\"a\",\"b\",\"a\"]", ""));

    List<Float> vector = numbers(element(reply, 0));
    assertThat(vector).hasSize(1536).isEqualTo(numbers(element(reply, 2)));
    assertThat(vector).isNotEqualTo(numbers(element(reply, 1)));
    assertThat(vector.stream().mapToDouble(one -> one * one).sum()).isEqualTo(1, within(1e-4));
  }

  @Test
  void base64SpellsTheSameNumbers() {
    List<Float> numbers = numbers(element(client.embed(asking("\"a\"", "")), 0));
    String text =
        element(client.embed(asking("\"a\"", ",\"encoding_format\":\"base64\"")), 0)
            .getString("embedding");

    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
    List<Float> decoded = new ArrayList<>();
    while (bytes.hasRemaining()) {
      decoded.add(bytes.getFloat());
    }
    assertThat(decoded).isEqualTo(numbers);
  }

  @Test
  void fewerDimensionsAreTheBeginningOfTheVectorInTheSameDirection() {
    List<Float> all = numbers(element(client.embed(asking("\"a\"", "")), 0));
    List<Float> few = numbers(element(client.embed(asking("\"a\"", ",\"dimensions\":8")), 0));

    assertThat(few).hasSize(8);
    assertThat(few.get(1) / few.get(0)).isEqualTo(all.get(1) / all.get(0), within(1e-3f));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\"}",
        "{\"model\":\"m\",\"input\":{}}",
        "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":\"8\"}",
        "{\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"hex\"}",
      })
  void whatIsNotUnderstoodIsRefused(String body) {
    assertThat(client.embed(body).status()).isEqualTo(400);
  }

  @Test
  void aModelThatFailsFailsHereToo() {
    assertThat(client.embed("{\"model\":\"error-503\",\"input\":\"a\"}").status()).isEqualTo(503);
  }

  private static String asking(String input, String further) {
    return "{\"model\":\"m\",\"input\":" + input + further + "}";
  }

  private static JsonObject element(Reply reply, int number) {
    return reply.json().getJsonArray("data").getJsonObject(number);
  }

  private static List<Float> numbers(JsonObject element) {
    JsonArray vector = element.getJsonArray("embedding");
    return vector.stream().map(number -> ((Number) number).floatValue()).toList();
  }
}
