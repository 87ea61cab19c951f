package dev.refrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.config.ConfigLoader;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RefrainTest {
  private static final String WHOLE =
      "{\"id\":\"c\",\"object\":\"text_completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"text\":\"hi\","
          + "\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
          + "\"completion_tokens\":1,\"total_tokens\":2}}";

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger calls = new AtomicInteger();
  private final HttpClient client = HttpClient.newHttpClient();
  private Refrain refrain;

  @BeforeEach
  void start() throws Exception {
    HttpServer upstream =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  calls.incrementAndGet();
                  request.response().putHeader("Content-Type", "application/json").end(WHOLE);
                })
            .listen(0, "127.0.0.1")
            .await(10, TimeUnit.SECONDS);
    String yaml =
        "server: {host: 127.0.0.1, port: 0}\nmanagement: {host: 127.0.0.1, port: 0}\n"
            + "upstreams: [{url: 'http://127.0.0.1:"
            + upstream.actualPort()
            + "/v1'}]\n";
    refrain = Refrain.start(ConfigLoader.parse(yaml)).await(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void stop() throws Exception {
    if (refrain != null) {
      refrain.stop().await(20, TimeUnit.SECONDS);
    }
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void theSameDeterministicCallIsPaidForOnce() throws Exception {
    String body = "{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0}";

    HttpResponse<String> first = post(body);
    HttpResponse<String> second = post(body);

    assertThat(first.body()).isEqualTo(WHOLE);
    assertThat(second.body()).isEqualTo(WHOLE);
    assertThat(second.headers().firstValue("cache-status").orElseThrow()).contains("hit");
    assertThat(calls).hasValue(1);
  }

  @Test
  void nothingOfItIsKeptOnceItHasEnded() throws Exception {
    post("{\"model\":\"m\",\"prompt\":\"x\",\"temperature\":0}");
    WeakReference<Refrain> ended = new WeakReference<>(refrain);
    refrain.stop().await(20, TimeUnit.SECONDS);
    refrain = null;

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(ended.get()).isNull();
            });
  }

  private HttpResponse<String> post(String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + refrain.port() + "/v1/completions"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }
}
