package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.Upstream.UpstreamSettings;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.Future;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.junit5.RunTestOnContext;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(VertxExtension.class)
class WholeAnswerTest {
  private final ScriptedUpstream server = ScriptedUpstream.playing(Script.json("{}"));

  @RegisterExtension final RunTestOnContext loop = new RunTestOnContext();

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 300, 9_000, 33_000, 300_000})
  void takesNoMoreMemoryThanItHasBytes(int length, VertxTestContext test) {
    server.play(Script.json("x".repeat(length)));
    call().onComplete(test.succeeding(answer -> holds(length, answer, test)));
  }

  @Test
  void takesNoMoreMemoryThanItHasBytesWhenItComesInPieces(VertxTestContext test) {
    List<String> head = List.of("Content-Type: application/json", "Transfer-Encoding: chunked");
    server.play(Script.silence().head(200, head).chunks(9, i -> "y".repeat(1_000)).end());
    call().onComplete(test.succeeding(answer -> holds(9_000, answer, test)));
  }

  private static void holds(int bytes, Whole answer, VertxTestContext test) {
    byte[] memory = ((BufferInternal) answer.body()).getByteBuf().array();
    test.verify(() -> assertThat(memory).hasSize(bytes)).completeNow();
  }

  private Future<Whole> call() {
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
    return new UpstreamCall(
            loop.vertx(),
            HttpClients.ageing(loop.vertx()),
            new AnswerLimits(1 << 20, 1 << 20),
            FieldRoles.DEFAULT,
            Observer.NONE,
            CallInterceptor.NONE)
        .call(
            FakeRequest.alone(Framing.WHOLE),
            new Attempt(upstream, Health.Admission.FREE, System.nanoTime()))
        .map(response -> (Whole) response);
  }
}
