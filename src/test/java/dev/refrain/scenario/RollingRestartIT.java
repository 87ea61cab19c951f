package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Two replicas behind somebody who sends requests to those that say they are ready, under constant
 * traffic. {@code loadtest/rolling} does the same at the promised rate, with processes of their
 * own.
 */
class RollingRestartIT {
  private static final int PLAIN = 200; // a second
  private static final int STREAMS = 20; // a second
  private static final int RELOADS = 4;
  // Longer than the caller, who has the same two cores, may take from choosing to connecting.
  private static final String DOOR = "eventLoops: 2, drain: {delay: 4s, timeout: 20s}";

  private final Vertx vertx = Vertx.vertx();
  private final RedisFixture redis = new RedisFixture();
  private final SimulatedUpstream upstream =
      SimulatedUpstream.start(vertx, Simulation.of(Duration.ofMillis(25))).await();
  private final List<ForkedProxy> replicas = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
  private volatile int[] ready = {};
  private int turn;

  @AfterEach
  void stop() throws Exception {
    looking.shutdownNow();
    for (ForkedProxy replica : replicas) {
      replica.close();
    }
    upstream.stop().await();
    vertx.close().await();
    redis.close();
  }

  private ForkedProxy replica() throws IOException {
    return new ForkedProxy(
        "http://127.0.0.1:" + upstream.port(), settings(0), DOOR, List.of("-Xmx256m"));
  }

  private String settings(int generation) {
    return """
    cache: {ttl: %dm, redis: {url: '%s'}}
    limits: {n: %d}
    logging: {level: warn}
    """
        .formatted(10 + generation, redis.url(), 100 + generation);
  }

  // A balancer with no ready replica goes on sending to the last ones it knows.
  private void look() {
    int[] now =
        replicas.stream().filter(ForkedProxy::isReady).mapToInt(ForkedProxy::port).toArray();
    ready = now.length == 0 ? ready : now;
  }

  private int next() {
    int[] now = ready;
    return now[Math.floorMod(turn++, now.length)];
  }

  @Test
  void reloadsAndRollingRestartsCostNobodyAnAnswer() throws Exception {
    replicas.add(replica());
    replicas.add(replica());
    looking.scheduleWithFixedDelay(this::look, 0, 50, TimeUnit.MILLISECONDS);
    await().until(() -> ready.length == 2);
    SteadyTraffic traffic = new SteadyTraffic(vertx, this::next, PLAIN, STREAMS);
    traffic.begin();

    for (int i = 1; i <= RELOADS; i++) {
      reload(i);
    }
    restart(0);
    restart(1);
    traffic.end();
    await().atMost(Duration.ofSeconds(60)).until(traffic::isAnswered);

    assertThat(traffic.failures()).isEmpty();
    assertThat(traffic.asked()).isGreaterThan((traffic.seconds() - 1) * (PLAIN + STREAMS));
  }

  private void reload(int generation) throws Exception {
    for (ForkedProxy replica : replicas) {
      replica.configure(settings(generation));
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> replicas.stream().allMatch(replica -> applied(replica) == generation));
  }

  private static double applied(ForkedProxy replica) {
    try {
      return replica.metric("refrain_config_reloads_total{outcome=\"applied\"");
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** One more before one less. */
  private void restart(int place) throws Exception {
    ForkedProxy old = replicas.get(place);
    ForkedProxy fresh = replica();
    replicas.add(fresh);
    await().atMost(Duration.ofSeconds(60)).until(() -> ready.length == 3);
    old.terminate();
    assertThat(old.exitStatus()).isZero();
    replicas.remove(fresh);
    replicas.set(place, fresh);
    old.close();
  }
}
