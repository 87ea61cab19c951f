package dev.refrain.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes the registry down on a worker thread. Whoever asks while the same exposition is being
 * written gets that one: however many scrapers there are, two workers are busy at most.
 *
 * <p>Lives on one event loop.
 */
final class Scrape {
  private final Map<Exposition, Future<Buffer>> running = new EnumMap<>(Exposition.class);
  private final Vertx vertx;
  private final PrometheusMeterRegistry registry;

  Scrape(Vertx vertx, PrometheusMeterRegistry registry) {
    this.vertx = vertx;
    this.registry = registry;
  }

  Future<Buffer> page(Exposition exposition) {
    Future<Buffer> begun = running.get(exposition);
    if (begun != null) {
      return begun;
    }
    Future<Buffer> page = vertx.executeBlocking(() -> write(exposition), false);
    running.put(exposition, page);
    page.onComplete(done -> running.remove(exposition));
    return page;
  }

  private Buffer write(Exposition exposition) {
    return Buffer.buffer(registry.scrape(exposition.contentType()));
  }
}
