package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.SentinelFixture;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A master of Redis dies and another takes its place: it costs hits for a while, never an answer.
 */
class SentinelIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  private final SentinelFixture redis = new SentinelFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Dialect.CHAT::answer);
  private final Proxy one = proxy();
  private final Proxy two = proxy();
  private final ConcurrentCallers concurrentCallers = new ConcurrentCallers(Dialect.CHAT, one, two);

  private Proxy proxy() {
    String cache = "cache: {redis: {%s, timeout: 3s, connectTimeout: 3s}}";
    return Proxy.before(upstream.url(), "", cache.formatted(redis.configuration()));
  }

  @AfterEach
  void stop() throws Exception {
    one.close();
    two.close();
    upstream.close();
    redis.close();
  }

  @Test
  void whoTakesTheMastersPlaceIsFoundAndMeanwhileEverybodyIsAnswered() {
    await().atMost(PATIENCE).until(concurrentCallers::isSharing);

    redis.master().kill();
    assertThat(concurrentCallers.isSharing()).isFalse();
    await().atMost(PATIENCE).until(concurrentCallers::isSharing);
    assertThat(redis.replica().keys()).isPositive();

    concurrentCallers.awaitAgreement();
    int calls = upstream.calls();
    assertThat(concurrentCallers.askForTwentyThings(1)).containsOnly(Dialect.TEXT);
    assertThat(upstream.calls() - calls).as(concurrentCallers.outcomes()).isEqualTo(20);
  }

  @Test
  void aMasterThatIsMadeAReplicaIsLeftForTheOtherOne() {
    await().atMost(PATIENCE).until(concurrentCallers::isSharing);

    redis.failOver();
    // Whoever changes sides ends its connections, also those of the test.
    await().atMost(PATIENCE).ignoreExceptions().until(redis.replica()::isMaster);
    await().atMost(PATIENCE).until(() -> concurrentCallers.isSharing() && isAsked(redis.replica()));
  }

  private static boolean isAsked(RedisFixture server) {
    Request clients = Request.cmd(Command.CLIENT).arg("LIST");
    return server.command(clients).toString().contains("cmd=getrange");
  }
}
