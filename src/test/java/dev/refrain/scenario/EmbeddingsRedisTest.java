package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Gate;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Embeddings that two replicas share over Redis. */
class EmbeddingsRedisTest {
  private static final int MOST = 2048;
  private static final int VECTOR = 8192; // 1,536 floats as base64

  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(request -> Script.json(Vectors.large(request, VECTOR)));
  private final Proxy one = replica();
  private final Proxy other = replica();

  private Proxy replica() {
    return Proxy.before(
        upstream.url(), "", "cache: {redis: {timeout: 250ms, url: '" + redis.url() + "'}}");
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    other.close();
    upstream.close();
    redis.close();
  }

  @Test
  void allInputsOfALargeRequestAreStoredAndServedToAnotherReplica() {
    String first = post(one, Vectors.texts(0, MOST)).body();
    assertThat(upstream.calls()).as("calls").isLessThanOrEqualTo(2);
    await().until(() -> redis.keys() >= MOST);
    int calls = upstream.calls();

    HttpResponse<String> again = post(other, Vectors.texts(0, MOST));

    assertThat(upstream.calls() - calls).as("calls for what is stored").isZero();
    assertThat(Json.read(again.body()).path("data")).isEqualTo(Json.read(first).path("data"));
    assertThat(again.headers().firstValue("Cache-Status").orElseThrow()).contains("hit");
  }

  @Test
  void overlappingRequestsAtBothReplicasAskForEachInputOnce() {
    upstream.play(Vectors::answer);
    post(one, "\"warm\"");
    post(other, "\"warm\"");
    Gate gate = new Gate();
    upstream.play(request -> Script.silence().pause(gate).then(Vectors.answer(request)));
    int before = upstream.calls();
    List<CompletableFuture<HttpResponse<String>>> answers =
        IntStream.range(0, 24)
            .mapToObj(i -> later(i % 2 == 0 ? one : other, Vectors.texts(i, i + 10)))
            .toList();
    upstream.awaitCalls(before + 1);
    gate.open();

    for (int i = 0; i < 24; i++) {
      List<String> texts = IntStream.range(i, i + 10).mapToObj(j -> "t" + j).toList();
      assertThat(Vectors.of(answers.get(i).join())).isEqualTo(Vectors.numbers(texts));
    }
    List<String> all = new ArrayList<>();
    for (Received call : upstream.received().subList(before, upstream.calls())) {
      all.addAll(Vectors.inputs(call));
    }
    assertThat(new HashSet<>(all)).hasSameSizeAs(all).hasSize(33);
  }

  private static HttpResponse<String> post(Proxy to, String input) {
    return to.postTo(Vectors.PATH, Vectors.asking(input));
  }

  private static CompletableFuture<HttpResponse<String>> later(Proxy to, String input) {
    return CompletableFuture.supplyAsync(() -> post(to, input), run -> new Thread(run).start());
  }
}
