package dev.refrain.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.ObjectMappers;
import com.openai.core.http.StreamResponse;
import com.openai.errors.OpenAIServiceException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.refrain.cassette.Exchange;
import dev.refrain.demo.SimulatedUpstream;
import dev.refrain.job.ReplayHandler.Pace;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example job by the official Java SDK: recorded before the simulated upstream, replayed. */
class OpenAiSdkReplayTest {
  private static final Map<String, Object> WEATHER =
      Map.of(
          "type",
          "function",
          "function",
          Map.of("name", "weather", "parameters", Map.of("type", "object")));

  @TempDir private Path folder;

  @Test
  void theSdkSeesTheSameInAReplay() throws Exception {
    Vertx vertx = Vertx.vertx();
    SimulatedUpstream upstream =
        SimulatedUpstream.start(vertx, SimulatedUpstream.Simulation.of(Duration.ZERO))
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    List<String> recorded;
    List<Exchange> exchanges;
    try (JobFixture port = JobFixture.recording("http://127.0.0.1:" + upstream.port())) {
      recorded = job(port);
      exchanges = port.finish(folder.resolve("job.jsonl"));
    } finally {
      vertx.close();
    }
    try (JobFixture port = JobFixture.replaying(exchanges, Pace.NONE, Pricing.NONE)) {
      assertThat(job(port)).isEqualTo(recorded).hasSizeGreaterThan(10);
      assertThat(port.report().unused()).isZero();
      assertThat(port.report().repeated()).isZero();
    }
  }

  private static List<String> job(JobFixture port) throws Exception {
    List<String> seen = new ArrayList<>();
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(port.url() + "/v1")
            .apiKey(JobFixture.KEY)
            .maxRetries(0)
            .build();
    try {
      seen.add(json(client.completions().create(asking("m", 0))));
      seen.add(json(client.completions().create(asking("m", 1))));
      seen.add(json(client.completions().create(asking("m", 1))));
      try (StreamResponse<?> stream = client.completions().createStreaming(asking("m", 0))) {
        addAll(seen, stream.stream());
      }
      try (StreamResponse<?> stream = client.chat().completions().createStreaming(chat())) {
        addAll(seen, stream.stream());
      }
      EmbeddingCreateParams embedding =
          EmbeddingCreateParams.builder()
              .model("m")
              .inputOfArrayOfStrings(List.of("a", "b"))
              .build();
      seen.add(json(client.embeddings().create(embedding)));
      seen.add(json(client.models().list().data()));
      client.completions().create(asking("error-500", 0));
    } catch (OpenAIServiceException refused) {
      seen.add(refused.statusCode() + " " + refused.body());
    } finally {
      client.close();
    }
    return seen;
  }

  private static CompletionCreateParams asking(String model, double temperature) {
    return CompletionCreateParams.builder()
        .model(model)
        .prompt("Say this is a test")
        .maxTokens(8)
        .temperature(temperature)
        .build();
  }

  private static ChatCompletionCreateParams chat() {
    return ChatCompletionCreateParams.builder()
        .model("m")
        .addUserMessage("What is the weather in Zürich?")
        .putAdditionalBodyProperty("tools", JsonValue.from(List.of(WEATHER)))
        .build();
  }

  private static void addAll(List<String> seen, Stream<?> chunks) throws JsonProcessingException {
    for (Object chunk : chunks.toList()) {
      seen.add(json(chunk));
    }
  }

  private static String json(Object answer) throws JsonProcessingException {
    return ObjectMappers.jsonMapper().writeValueAsString(answer);
  }
}
