package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Whole;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.buffer.BufferInternal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeAnswerTest {
  private final ScriptedUpstream server = ScriptedUpstream.playing(Script.json("{}"));
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 300, 9_000, 33_000, 300_000})
  void takesNoMoreMemoryThanItHasBytes(int length) {
    server.play(Script.json("x".repeat(length)));
    assertThat(capacity(call())).isEqualTo(length);
  }

  @Test
  void takesNoMoreMemoryThanItHasBytesWhenItComesInPieces() {
    List<String> head = List.of("Content-Type: application/json", "Transfer-Encoding: chunked");
    server.play(Script.silence().head(200, head).chunks(9, i -> "y".repeat(1_000)).end());
    assertThat(capacity(call())).isEqualTo(9_000);
  }

  private static int capacity(Whole answer) {
    return ((BufferInternal) answer.body()).getByteBuf().array().length;
  }

  private Whole call() {
    Duration patience = Duration.ofSeconds(20);
    Upstream upstream =
        new Upstream(
            new Target(
                "a",
                URI.create(server.url()),
                List.of(),
                null,
                patience,
                patience,
                patience,
                patience,
                2,
                1,
                Transport.DIRECT),
            new UpstreamSettings(Map.of(), 1, 0, 8, 2, Servers.SECOND, "", Servers.SECOND),
            new Servers().retry(0, 0, 0));
    Promise<Whole> answer = Promise.promise();
    vertx.runOnContext(
        v ->
            new UpstreamCall(
                    vertx,
                    HttpClients.ageing(vertx),
                    new AnswerLimits(1 << 20, 1 << 20),
                    Observer.NONE,
                    CallInterceptor.NONE)
                .call(
                    FakeRequest.alone(Framing.WHOLE),
                    new Attempt(upstream, Health.Admission.FREE, System.nanoTime()))
                .map(response -> (Whole) response)
                .onComplete(answer));
    return answer.future().await();
  }
}
