package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.spi.metrics.HttpClientMetrics;
import io.vertx.core.spi.observability.HttpRequest;
import io.vertx.core.spi.observability.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts the connections of HTTP clients, and what goes over them. */
final class SocketMeters implements HttpClientMetrics<ExchangeMeters.Sent, Void, Void> {
  private final MeterRegistry registry;
  private final ExchangeMeters exchanges;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter read;
  private final Counter written;

  SocketMeters(MeterRegistry registry) {
    this.registry = registry;
    exchanges = new ExchangeMeters(registry);
    read =
        Labels.counter(
            registry, "vertx.http.client.bytes.read", "Bytes received from the remote host");
    written =
        Labels.counter(
            registry, "vertx.http.client.bytes.written", "Bytes sent to the remote host");
    Gauge.builder("vertx.http.client.active.connections", open::get)
        .description("Connections to the remote host currently opened")
        .register(registry);
  }

  @Override
  public ClientMetrics<ExchangeMeters.Sent, HttpRequest, HttpResponse> createEndpointMetrics(
      SocketAddress remote, int maxPoolSize) {
    return exchanges;
  }

  @Override
  public Void connected(SocketAddress remote, String name) {
    open.incrementAndGet();
    return null;
  }

  @Override
  public void disconnected(Void socket, SocketAddress remote) {
    open.decrementAndGet();
  }

  @Override
  public void bytesRead(Void socket, SocketAddress remote, long bytes) {
    read.increment(bytes);
  }

  @Override
  public void bytesWritten(Void socket, SocketAddress remote, long bytes) {
    written.increment(bytes);
  }

  // Looked up by its class, as there are not many.
  @Override
  public void exceptionOccurred(Void socket, SocketAddress remote, Throwable cause) {
    String kind = cause.getClass().getSimpleName();
    Labels.counter(registry, "vertx.http.client.errors", "Errors of connections", "class", kind)
        .increment();
  }
}
