package dev.refrain.management;

import io.vertx.ext.web.MIMEHeader;
import java.util.List;
import java.util.Optional;

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
