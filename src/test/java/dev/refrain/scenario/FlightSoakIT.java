package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.demo.SimulatedUpstream;
import dev.refrain.demo.SimulatedUpstream.Simulation;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RedisFixture;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Everything at once for a while: joins, leaves, slow readers, an upstream that fails in every way
 * it knows, and a Redis in trouble. {@code -Drefrain.soak.seconds=600} makes the while a long one.
 */
class FlightSoakIT {
  private static final int SECONDS = Integer.getInteger("refrain.soak.seconds", 20);
  private static final int CALLERS = 16;
  private static final int SAMPLES = 10;
  private static final long GROWTH = 16L << 20;
  private static final byte[] GARBAGE = "garbage".getBytes(StandardCharsets.UTF_8);

  private final Vertx vertx = Vertx.vertx();
  private final SimulatedUpstream upstream =
      SimulatedUpstream.start(vertx, Simulation.of(Duration.ofMillis(5))).await();
  private final RedisFixture redis = new RedisFixture();
  private final Proxy proxy =
      Proxy.before(
          "http://127.0.0.1:" + upstream.port(),
          "firstByteTimeout: 4s, idleTimeout: 2s",
          """
          logging: {level: error}
          cache:
            ttl: 1s
            maxEntry: 24KiB
            flights: {hitForMiss: 500ms}
            redis: {url: "%s", breaker: {failures: 5, pause: 200ms}}
          """
              .formatted(redis.url()));
  private final CountDownLatch over = new CountDownLatch(1);
  private final SoakTally tally = new SoakTally();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() throws Exception {
    threads.shutdownNow();
    proxy.close();
    upstream.stop().await();
    vertx.close().await();
    redis.close();
  }

  @Test
  void afterAnyTroubleNothingIsLeftOpenAndEveryAnswerWasRight() throws Exception {
    List<Future<?>> busy = new ArrayList<>();
    SoakReference reference = reference();
    for (int i = 0; i < CALLERS; i++) {
      busy.add(threads.submit(new SoakCaller(proxy, reference, tally, over, i)));
    }
    busy.add(threads.submit(this::troubleRedis));

    List<Long> heap = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      assertThat(over.await(SECONDS * 1_000L / SAMPLES, TimeUnit.MILLISECONDS)).isFalse();
      heap.add(liveHeap());
    }
    over.countDown();
    for (Future<?> one : busy) {
      one.get(60, TimeUnit.SECONDS);
    }

    report(heap);
    assertThat(tally.wrong()).as("wrong answers").isEmpty();
    assertThat(tally.requests()).as("requests").isGreaterThan(SECONDS);
    nothingIsLeft();
    // The first sample still sees classes being loaded and buffers being pooled.
    long before = median(heap.subList(1, SAMPLES / 2));
    long after = median(heap.subList(SAMPLES / 2, SAMPLES));
    assertThat(after - before).as("growth of the live heap, %s", heap).isLessThan(GROWTH);
  }

  /** What an upstream says does not depend on how fast it says it. */
  private SoakReference reference() throws IOException {
    SimulatedUpstream quick = SimulatedUpstream.start(vertx, Simulation.of(Duration.ZERO)).await();
    try {
      return new SoakReference(quick.port());
    } finally {
      quick.stop().await();
    }
  }

  private void nothingIsLeft() {
    Duration aWhile = Duration.ofSeconds(20); // idle connections are kept for three
    await().atMost(aWhile).until(() -> metric("refrain_flights ") == 0);
    await().atMost(aWhile).until(() -> metric("refrain_upstream_calls_in_flight ") == 0);
    await().atMost(aWhile).until(() -> upstream.open() == 0);
  }

  private void report(List<Long> heap) {
    System.out.printf(
        "soak of %d s: %s; upstream calls %d, of these abandoned %d; collapsed %.0f;"
            + " live heap KiB %s; flights %.0f, calls in flight %.0f%n%s",
        SECONDS,
        tally.summary(),
        upstream.calls(),
        upstream.abandoned(),
        metric("refrain_collapsed_total"),
        heap.stream().map(bytes -> bytes >> 10).toList(),
        metric("refrain_flights "),
        metric("refrain_upstream_calls_in_flight "),
        lines("refrain_flights_completed_total") + lines("refrain_fleet"));
  }

  private String lines(String name) {
    return proxy.manage("/metrics").body().lines().filter(line -> line.startsWith(name)).toList()
        + "\n";
  }

  private double metric(String name) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private static long median(List<Long> samples) {
    return samples.stream().sorted().skip(samples.size() / 2).findFirst().orElseThrow();
  }

  private static long liveHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private Void troubleRedis() throws InterruptedException {
    Random random = new Random(1);
    while (!over.await(300 + random.nextInt(1_500), TimeUnit.MILLISECONDS)) {
      switch (random.nextInt(4)) {
        case 0 -> {
          redis.kill();
          over.await(random.nextInt(500), TimeUnit.MILLISECONDS);
          redis.start();
        }
        case 1 -> {
          redis.freeze();
          over.await(random.nextInt(1_000), TimeUnit.MILLISECONDS);
          redis.thaw();
        }
        case 2 -> quietly(() -> redis.garble(GARBAGE));
        default -> quietly(() -> redis.command(Request.cmd(Command.FLUSHALL)));
      }
      tally.count("redis troubles");
    }
    return null;
  }

  // Its own connection may have died of the trouble before.
  private void quietly(Runnable command) {
    try {
      command.run();
    } catch (RuntimeException lost) {
      tally.count("redis troubles that came to nothing");
    }
  }
}
