package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.net.URI;
import java.time.Duration;

/** How much of it, and whom: system properties that {@code run} fills from its flags. */
final class Size {
  /** Whom to ask. */
  static final URI TARGET = URI.create(System.getProperty("refrain.url", "http://127.0.0.1:8080"));

  /** Users a second. */
  static final double RATE = Double.parseDouble(System.getProperty("refrain.rate", "20"));

  /** Length of the load. */
  static final Duration TIME = Duration.ofSeconds(Long.getLong("refrain.seconds", 20));

  /** Longest 99th percentile of a response time. Milliseconds. */
  static final int P99 = Integer.getInteger("refrain.p99", 1000);

  private Size() {}

  static HttpProtocolBuilder protocol() {
    return http.baseUrl(TARGET.toString())
        .contentTypeHeader("application/json")
        .acceptHeader("*/*")
        .shareConnections();
  }
}
