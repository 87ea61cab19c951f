package dev.refrain.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.spi.VertxMetricsFactory;
import io.vertx.core.spi.metrics.HttpClientMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;

/**
 * Counts the HTTP clients' events under the names of Vert.x's own meters. Server events are not
 * counted here, because that would cost more than a hit. Vert.x' own look up seven meters by their
 * labels for every request, and one label is whatever word a caller used for a method.
 *
 * <table>
 * <caption>What Prometheus sees</caption>
 * <tr><td>{@code vertx_http_client_active_connections}<td>open
 * <tr><td>{@code vertx_http_client_bytes_read_total}<td>of bodies, off them
 * <tr><td>{@code vertx_http_client_bytes_written_total}<td>of bodies, onto them
 * <tr><td>{@code vertx_http_client_errors_total{class}}<td>exceptions on them
 * <tr><td>{@code vertx_http_client_active_requests{method}}<td>sent, or being sent, not answered
 * <tr><td>{@code vertx_http_client_requests_total{method}}<td>begun
 * <tr><td>{@code vertx_http_client_request_bytes{method}}<td>of their bodies
 * <tr><td>{@code vertx_http_client_responses_total{method,code}}<td>ended
 * <tr><td>{@code vertx_http_client_response_bytes{method,code}}<td>of their bodies
 * <tr><td>{@code vertx_http_client_response_time_seconds{method,code}}<td>request to end of answer
 * </table>
 */
public final class ClientMeters implements VertxMetricsFactory {
  private final MeterRegistry registry;

  /** For a Vert.x whose clients are counted in this registry. */
  public ClientMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public VertxMetrics metrics(VertxOptions options) {
    SocketMeters sockets = new SocketMeters(registry);
    return new VertxMetrics() {
      @Override
      public HttpClientMetrics<?, ?, ?> createHttpClientMetrics(HttpClientOptions client) {
        return sockets;
      }
    };
  }
}
