package dev.refrain.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes the registry down on a worker thread. A scrape during the writing of the same exposition
 * gets that one, so at most two workers are busy, however many scrapers there are.
 *
 * <p>Lives on one event loop.
 */
final class Scrape {
  private final Map<ExpositionFormat, Future<Buffer>> running =
      new EnumMap<>(ExpositionFormat.class);
  private final Vertx vertx;
  private final PrometheusMeterRegistry registry;

  Scrape(Vertx vertx, PrometheusMeterRegistry registry) {
    this.vertx = vertx;
    this.registry = registry;
  }

  Future<Buffer> page(ExpositionFormat expositionFormat) {
    Future<Buffer> begun = running.get(expositionFormat);
    if (begun != null) {
      return begun;
    }
    Future<Buffer> page = vertx.executeBlocking(() -> write(expositionFormat), false);
    running.put(expositionFormat, page);
    page.onComplete(done -> running.remove(expositionFormat));
    return page;
  }

  private Buffer write(ExpositionFormat expositionFormat) {
    return Buffer.buffer(registry.scrape(expositionFormat.contentType()));
  }
}
