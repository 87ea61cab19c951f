package dev.refrain.management;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.management.Scrape.ExpositionFormat;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ScrapeTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final AtomicInteger written = new AtomicInteger();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Scrape scrape = new Scrape(vertx, registry);

  @BeforeEach
  void countScrapes() {
    Gauge.builder("refrain.probe", this::write).register(registry);
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void whoAsksWhileAPageIsBeingWrittenGetsThatPage() {
    List<Future<Buffer>> pages =
        onLoop(
            () -> List.of(scrape.page(ExpositionFormat.TEXT), scrape.page(ExpositionFormat.TEXT)));
    asked.countDown();

    assertThat(pages.get(0).await().toString()).contains("refrain_probe 1.0");
    assertThat(pages.get(1)).isSameAs(pages.get(0));
    assertThat(written).hasValue(1);
  }

  @Test
  void expositionsAreNotMixedUp() {
    List<Future<Buffer>> pages =
        onLoop(
            () ->
                List.of(
                    scrape.page(ExpositionFormat.TEXT),
                    scrape.page(ExpositionFormat.OPEN_METRICS)));
    asked.countDown();

    assertThat(pages.get(0).await().toString()).doesNotContain("# EOF");
    assertThat(pages.get(1).await().toString()).endsWith("# EOF\n");
  }

  @Test
  void whoAsksLaterGetsALaterPage() {
    asked.countDown();
    onLoop(() -> scrape.page(ExpositionFormat.TEXT)).await();

    String later = onLoop(() -> scrape.page(ExpositionFormat.TEXT)).await().toString();

    assertThat(later).contains("refrain_probe 2.0");
  }

  @Test
  void aPageThatCouldNotBeWrittenFailsAndDoesNotBarTheNext() {
    asked.countDown();
    AtomicBoolean broken = new AtomicBoolean();
    registry.getPrometheusRegistry().register(collector(broken));
    broken.set(true);

    Future<Buffer> first = onLoop(() -> scrape.page(ExpositionFormat.TEXT));

    assertThatThrownBy(first::await).hasMessage("broken");
    broken.set(false);
    assertThat(onLoop(() -> scrape.page(ExpositionFormat.TEXT)).await().toString())
        .contains("refrain_");
  }

  private static Collector collector(AtomicBoolean broken) {
    return () -> {
      if (broken.get()) {
        throw new IllegalStateException("broken");
      }
      return GaugeSnapshot.builder().name("refrain_other").build();
    };
  }

  private int write() {
    try {
      assertThat(asked.await(5, SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return written.incrementAndGet();
  }

  private <T> T onLoop(Supplier<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(nothing -> done.complete(action.get()));
    return done.orTimeout(5, SECONDS).join();
  }
}
