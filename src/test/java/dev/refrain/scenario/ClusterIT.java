package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.ClusterFixture;
import dev.refrain.testing.Dialect;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.ScriptedUpstream;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Replicas that share a cluster share calls, and survive the loss of its masters. */
class ClusterIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final int THINGS = 40;

  private final ClusterFixture redis = new ClusterFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Dialect.COMPLETIONS::answer);
  private final Proxy one = proxy();
  private final Proxy two = proxy();
  private final ConcurrentCallers concurrentCallers =
      new ConcurrentCallers(Dialect.COMPLETIONS, one, two);

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
  void twentyKeysAreTwentyCallsAndAllMastersKeepSome() {
    concurrentCallers.awaitAgreement();
    int before = upstream.calls();

    assertThat(concurrentCallers.askForTwentyThings(1)).containsOnly(Dialect.TEXT);
    assertThat(upstream.calls() - before).as(concurrentCallers.outcomes()).isEqualTo(20);
    assertThat(redis.masters()).extracting(RedisFixture::keys).doesNotContain(0);
  }

  @Test
  void aMasterThatDiesIsReplacedByItsReplicaAndOneWithoutCostsItsHitsAlone() {
    await().atMost(PATIENCE).until(() -> shared() == THINGS);

    redis.masters().get(0).kill();
    assertThat(shared()).isLessThan(THINGS);
    await().atMost(PATIENCE).until(() -> shared() == THINGS);

    redis.masters().get(2).kill();
    assertThat(shared()).isLessThan(THINGS);
    await().atMost(PATIENCE).until(() -> shared() > 0);
    assertThat(shared()).isLessThan(THINGS);
  }

  /** Asks both for a number of new things, and counts what they share. */
  private int shared() {
    return (int) IntStream.range(0, THINGS).filter(i -> concurrentCallers.isSharing()).count();
  }
}
