package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Json;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The largest request for embeddings that the API describes, before a proxy with a heap of 128m.
 */
class EmbeddingsMemoryIT {
  private static final int MOST = 2048;
  private static final int VECTOR = 8192; // 1,536 floats as base64

  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(request -> Script.json(Vectors.large(request, VECTOR)));

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  @Test
  void twoThousandVectorsPassAndAreStoredAndAsManyOthersAfterThem() throws Exception {
    List<String> flags =
        List.of(
            "-Xmx128m",
            "-XX:MaxDirectMemorySize=96m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Dio.netty.allocator.type=pooled");
    try (ForkedProxy proxy = new ForkedProxy(upstream, "", flags);
        RawClient client = new RawClient(proxy.port())) {
      ask(client, 0);
      ask(client, 0);
      assertThat(upstream.calls()).as("calls for equal requests").isEqualTo(1);
      for (int i = 1; i < 5; i++) {
        ask(client, i * MOST);
      }
      assertThat(upstream.calls()).isEqualTo(5);
      assertThat(proxy.isAlive()).isTrue();
      for (String name : List.of("refrain_fanout_waiting ", "refrain_flights ")) {
        await().alias(name).until(() -> proxy.metric(name) == 0);
      }
    }
  }

  private static void ask(RawClient client, int from) throws Exception {
    String body = Vectors.asking(Vectors.texts(from, from + MOST));
    String head = "POST %s HTTP/1.1\r\nHost: proxy\r\nContent-Length: %d\r\n\r\n";
    RawClient.Answer answer =
        client.send(head.formatted(Vectors.PATH, body.length()) + body).answer();
    assertThat(answer.status()).isEqualTo(200);
    JsonNode data = Json.read(answer.text()).path("data");
    assertThat(data).hasSize(MOST);
    for (int i = 0; i < MOST; i++) {
      assertThat(data.path(i).path("index").asInt(-1)).isEqualTo(i);
      assertThat(data.path(i).path("embedding").asText()).startsWith("t" + (from + i) + "A");
    }
  }
}
