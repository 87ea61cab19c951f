package dev.refrain.demo;

import static dev.refrain.demo.UpstreamClient.awaited;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream.Simulation;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowReaderIT {
  private static final int TOKENS = 300_000;

  private final Vertx vertx = Vertx.vertx();
  private final SimulatedUpstream upstream =
      awaited(SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)));

  @AfterEach
  void stop() {
    awaited(upstream.stop());
    awaited(vertx.close());
  }

  @Test
  void aReaderWhoReadsNothingHoldsAStreamBackAndLaterGetsAllOfIt() {
    UpstreamClient client = new UpstreamClient(vertx, upstream.port());
    JsonObject question = JsonObject.of("model", "any", "stream", true, "max_tokens", TOKENS);

    Collected answer = awaited(client.send(question, Collected::paused));
    assertThat(tokensWhenNothingMoves())
        .as("tokens written, of which the kernel's buffers hold the most")
        .isBetween(1L, TOKENS / 4L);

    answer.response().resume();
    await().atMost(60, SECONDS).until(() -> answer.ending().succeeded());
    assertThat(answer.bytes().get()).isGreaterThan(64L << 20);
    assertThat(upstream.completionTokens()).isEqualTo(TOKENS);
    assertThat(upstream.open()).isZero();
  }

  private long tokensWhenNothingMoves() {
    AtomicLong before = new AtomicLong();
    await()
        .pollInterval(500, MILLISECONDS)
        .until(
            () -> {
              long now = upstream.completionTokens();
              return before.getAndSet(now) == now && now > 0;
            });
    return before.get();
  }
}
