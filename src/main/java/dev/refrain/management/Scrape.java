package dev.refrain.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.MIMEHeader;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

  /** A way to write metrics down. Sources: Prometheus exposition formats; OpenMetrics 1.0. */
  enum ExpositionFormat {
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private final String contentType;

    ExpositionFormat(String contentType) {
      this.contentType = contentType;
    }

    /** The media type with its parameters. */
    String contentType() {
      return contentType;
    }

    /**
     * What the scraper likes best. Text where it wants neither: a page of metrics in the wrong type
     * is worth more to an operator than a 406.
     *
     * @param accept as parsed, the best first
     */
    static ExpositionFormat preferred(List<MIMEHeader> accept) {
      return accept.stream()
          .filter(range -> range.weight() > 0)
          .map(ExpositionFormat::matching)
          .flatMap(Optional::stream)
          .findFirst()
          .orElse(TEXT);
    }

    private static Optional<ExpositionFormat> matching(MIMEHeader range) {
      return switch (range.component() + "/" + range.subComponent()) {
        case "application/openmetrics-text" -> Optional.of(OPEN_METRICS);
        case "text/plain", "text/*", "*/*" -> Optional.of(TEXT);
        default -> Optional.empty();
      };
    }
  }
}
