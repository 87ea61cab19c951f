package dev.refrain.metrics;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EventLoopLagTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger readings = new AtomicInteger();
  private final EventLoopLag lag = new EventLoopLag(registry, this::now);
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void nothingIsLateWhereNothingIsWatched() {
    clock.set(SECONDS.toNanos(9));

    assertThat(seconds()).isZero();
  }

  @Test
  void aLoopThatHangsIsSeenWhileItHangs() throws Exception {
    CountDownLatch hang = new CountDownLatch(1);
    onLoop(() -> lag.watch(vertx));
    loop.runOnContext(nothing -> awaitQuietly(hang));

    clock.set(MILLISECONDS.toNanos(3_100));

    assertThat(seconds()).isEqualTo(3);
    hang.countDown();
  }

  @Test
  void theWorstIsRememberedAfterTheLoopHasRecovered() {
    onLoop(() -> lag.watch(vertx));
    // Set on the loop: between two wakings, never within one.
    int before =
        onLoop(
            () -> {
              clock.set(MILLISECONDS.toNanos(2_100));
              return readings.get();
            });
    await().until(() -> readings.get() >= before + 2);

    clock.set(0);

    assertThat(seconds()).isEqualTo(2);
  }

  @Test
  void aLoopNoLongerWatchedDoesNotLookHung() {
    Runnable stop = onLoop(() -> lag.watch(vertx));
    onLoop(
        () -> {
          stop.run();
          return null;
        });

    clock.set(SECONDS.toNanos(60));

    assertThat(seconds()).isZero();
  }

  /** The clock; counts how often the loop looked at it: twice each time it wakes. */
  private long now() {
    if (Context.isOnEventLoopThread()) {
      readings.incrementAndGet();
    }
    return clock.get();
  }

  private double seconds() {
    return Page.of(registry).value("refrain_event_loop_lag_seconds");
  }

  private <T> T onLoop(Callable<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(
        nothing -> {
          try {
            done.complete(action.call());
          } catch (Exception failure) {
            done.completeExceptionally(failure);
          }
        });
    return done.orTimeout(5, SECONDS).join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(5, SECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
