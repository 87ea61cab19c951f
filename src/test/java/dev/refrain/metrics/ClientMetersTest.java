package dev.refrain.metrics;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.metrics.MetricsOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class ClientMetersTest {
  private static final String CLIENT = "vertx_http_client_";

  private final PrometheusMeterRegistry registry = Registry.open();
  private final Vertx vertx =
      Vertx.builder()
          .with(new VertxOptions().setMetricsOptions(new MetricsOptions().setEnabled(true)))
          .withMetrics(new ClientMeters(registry))
          .build();
  private final HttpServer server =
      done(
          vertx.createHttpServer().requestHandler(ClientMetersTest::answer).listen(0, "127.0.0.1"));
  private final HttpClientAgent client = vertx.createHttpClient();

  @AfterEach
  void close() {
    done(vertx.close());
  }

  private static void answer(HttpServerRequest request) {
    if (request.path().equals("/breaks")) {
      request.connection().close();
    } else {
      request.response().setStatusCode(429).end("no");
    }
  }

  @Test
  void anAnsweredRequestIsCountedWithItsBytesAndItsTime() {
    ask(HttpMethod.POST, "/");

    await().untilAsserted(() -> assertThat(value("active_requests", "POST")).isZero());
    Page page = Page.of(registry);
    assertThat(value("requests_total", "POST")).isEqualTo(1);
    assertThat(value("request_bytes_sum", "POST")).isEqualTo(4);
    String answered = "{code=\"429\",method=\"POST\"}";
    assertThat(page.value(CLIENT + "responses_total" + answered)).isEqualTo(1);
    assertThat(page.value(CLIENT + "response_bytes_sum" + answered)).isEqualTo(2);
    assertThat(page.value(CLIENT + "response_time_seconds_count" + answered)).isEqualTo(1);
    assertThat(page.value(CLIENT + "bytes_read_total")).isEqualTo(2);
    assertThat(page.value(CLIENT + "bytes_written_total")).isEqualTo(4);
    assertThat(page.value(CLIENT + "active_connections")).isEqualTo(1);
  }

  @Test
  void methodsThatCallersInventShareOneSeries() {
    int before = Page.of(registry).series().size();
    ask(HttpMethod.valueOf("FOO"), "/");
    int first = Page.of(registry).series().size();
    ask(HttpMethod.valueOf("BAR"), "/");

    assertThat(first).isGreaterThan(before);
    assertThat(Page.of(registry).series()).hasSize(first);
    assertThat(value("requests_total", "other")).isEqualTo(2);
  }

  @Test
  void aRequestWhoseConnectionBreaksIsActiveNoMore() {
    Future<?> broken = send(HttpMethod.GET, "/breaks");

    await().until(broken::failed);
    await().untilAsserted(() -> assertThat(value("active_requests", "GET")).isZero());
    assertThat(value("requests_total", "GET")).isEqualTo(1);
    await()
        .untilAsserted(
            () -> assertThat(Page.of(registry).value(CLIENT + "active_connections")).isZero());
  }

  private double value(String name, String method) {
    return Page.of(registry).value(CLIENT + name + "{method=\"" + method + "\"}");
  }

  private void ask(HttpMethod method, String path) {
    done(send(method, path));
  }

  private Future<?> send(HttpMethod method, String path) {
    return client
        .request(method, server.actualPort(), "127.0.0.1", path)
        .compose((HttpClientRequest request) -> request.send("body"))
        .compose(response -> response.body());
  }

  private static <T> T done(Future<T> future) {
    await().atMost(20, SECONDS).until(future::isComplete);
    return future.result();
  }
}
