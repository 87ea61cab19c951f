package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An upstream that says that calls are too many gets fewer at once; the others wait for a turn. */
class AdaptiveLimitTest {
  private static final int BEARS = 5;
  private static final Script TOO_MANY = Script.answer(429, "{\"error\":{}}");

  private final AtomicInteger inside = new AtomicInteger();
  private final Gate gate = new Gate();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  private final Proxy proxy =
      Proxy.before(
          upstream.url(),
          "connections: 40, connectTimeout: 20s, adaptive: {enabled: true, minimum: 2}",
          "retry: {maxRetries: 0}");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void aCrowdOfWhichMostAreRefusedMakesTheNextOneWaitAndBeAnswered() throws Exception {
    upstream.play(
        request ->
            inside.incrementAndGet() > BEARS
                ? TOO_MANY
                : Script.silence().pause(gate).then(Script.json(Examples.ANSWER)));
    List<CompletableFuture<HttpResponse<String>>> crowd = send("first", 40);
    await().atMost(Duration.ofSeconds(20)).until(() -> limit() <= 32);
    gate.open();
    assertThat(crowd)
        .extracting(each -> each.get().statusCode())
        .filteredOn(status -> status == 200)
        .hasSize(BEARS);

    // Where even one alone is refused there is nothing left but the least.
    upstream.play(TOO_MANY);
    for (int i = 0; i < 4; i++) {
      send("alone" + i, 1).get(0).get();
    }
    assertThat(limit()).isEqualTo(2);

    upstream.play(Script.json(Examples.ANSWER));
    assertThat(send("second", 12)).allMatch(each -> each.join().statusCode() == 200);
    assertThat(limit()).as("more again, and not at once").isBetween(2, 10);
  }

  private List<CompletableFuture<HttpResponse<String>>> send(String prompt, int count) {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                client.sendAsync(
                    proxy
                        .request("/v1/completions", "Authorization", "Bearer k")
                        .POST(BodyPublishers.ofString(Examples.asking(prompt + i)))
                        .build(),
                    BodyHandlers.ofString()))
        .toList();
  }

  private int limit() {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("refrain_upstream_limit{"))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }
}
