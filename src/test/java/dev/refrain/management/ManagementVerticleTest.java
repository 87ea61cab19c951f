package dev.refrain.management;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Purge;
import dev.refrain.inference.fields.Scope;
import dev.refrain.management.ManagementServices.ExplainAction;
import dev.refrain.management.ManagementServices.HealthStatus;
import dev.refrain.management.ManagementServices.ReloadAction;
import dev.refrain.settings.Secret;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ManagementVerticleTest {
  private static final String LOOPBACK = "127.0.0.1";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final List<Purge> purged = new CopyOnWriteArrayList<>();
  private final PurgeAction purgeAction =
      what -> {
        purged.add(what);
        return Future.succeededFuture(new PurgeAction.Done(PurgeAction.Reach.HERE, 3));
      };
  private final AtomicBoolean ready = new AtomicBoolean(true);
  private final HealthStatus health = Answering.of(ready::get);
  private Future<ReloadAction.Outcome> outcome =
      Future.succeededFuture(
          new ReloadAction.Outcome(List.of("cache.ttl"), List.of("server.port")));
  private final ReloadAction reloadAction = () -> outcome;
  private final ExplainAction explainAction =
      question -> Future.failedFuture("nothing is explained");
  private final ManagementVerticle door =
      new ManagementVerticle(
          new ManagementSettings(LOOPBACK, 0, null, 64, Duration.ofSeconds(10), Duration.ZERO),
          registry,
          services(health));
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Vertx vertx = Vertx.vertx();
  private String deployment;

  private ManagementServices services(HealthStatus status) {
    return new ManagementServices(
        status,
        purgeAction,
        reloadAction,
        explainAction,
        new RecentRequests(() -> 0),
        new Savings(new Savings.Tariff("USD", model -> tokens -> 0), () -> 0),
        JsonArray::new,
        (by, most) -> new JsonArray(),
        null,
        () -> 8080);
  }

  @BeforeEach
  void open() {
    deployment = vertx.deployVerticle(door).await();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void withATokenAdminRequestsMustCarryItAndTheRestStaysOpen() throws Exception {
    ManagementVerticle guarded =
        new ManagementVerticle(
            new ManagementSettings(
                LOOPBACK, 0, Secret.of("s3cret"), 64, Duration.ofSeconds(10), Duration.ZERO),
            registry,
            services(health));
    vertx.deployVerticle(guarded).await();
    for (String wrong : List.of("", "Bearer", "Bearer s3cre", "Bearer s3cret1", "Basic s3cret")) {
      HttpResponse<String> refused = admin(guarded, wrong);
      assertThat(refused.statusCode()).as(wrong).isEqualTo(401);
      assertThat(header(refused, "www-authenticate")).isEqualTo("Bearer");
      assertThat(refused.body()).contains("\"code\":\"unauthorized\"").doesNotContain("s3cret");
    }
    assertThat(purged).isEmpty();
    assertThat(admin(guarded, "bearer s3cret").statusCode()).isEqualTo(200);
    assertThat(purged).hasSize(1);
    for (String open : List.of("/", "/metrics", "/health/live", "/health/ready")) {
      URI uri = URI.create("http://" + LOOPBACK + ":" + guarded.port() + open);
      HttpRequest request = HttpRequest.newBuilder(uri).build();
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }
  }

  private HttpResponse<String> admin(ManagementVerticle guarded, String authorization)
      throws Exception {
    URI uri = URI.create("http://" + LOOPBACK + ":" + guarded.port() + "/cache/purge?all=true");
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).POST(BodyPublishers.noBody());
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void metricsAreWrittenAsPrometheusText() throws Exception {
    Counter.builder("refrain.collapsed").register(registry).increment(3);

    HttpResponse<String> page = get("/metrics");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "content-type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
    assertThat(header(page, "cache-control")).isEqualTo("no-store");
    assertThat(page.body()).contains("\nrefrain_collapsed_total 3.0\n").doesNotContain("# EOF");
  }

  @Test
  void metricsAreWrittenAsOpenMetricsForPrometheusItself() throws Exception {
    HttpResponse<String> page =
        get(
            "/metrics",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2");

    assertThat(header(page, "content-type"))
        .isEqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(page.body()).endsWith("# EOF\n");
  }

  @Test
  void textIsWrittenWhereOpenMetricsIsLikedLessOrNotAtAll() throws Exception {
    for (String accept :
        List.of(
            "application/openmetrics-text;q=0.1, text/plain;q=0.9",
            "text/*, application/openmetrics-text;q=0.5",
            "application/openmetrics-text;q=0",
            "application/json",
            "*/*")) {
      assertThat(header(get("/metrics", accept), "content-type"))
          .as(accept)
          .startsWith("text/plain");
    }
  }

  @Test
  void metricsAreWrittenOffTheEventLoop() throws Exception {
    AtomicBoolean onEventLoop = new AtomicBoolean(true);
    gauge(
        () -> {
          onEventLoop.set(Context.isOnEventLoopThread());
          return 1;
        });

    get("/metrics");

    assertThat(onEventLoop).isFalse();
  }

  @Test
  void healthAnswersWhileAScrapeHangs() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch hang = new CountDownLatch(1);
    gauge(
        () -> {
          begun.countDown();
          return hang.await(5, SECONDS) ? 1 : 0;
        });
    CompletableFuture<HttpResponse<String>> page =
        client.sendAsync(request("/metrics").build(), BodyHandlers.ofString());
    assertThat(begun.await(5, SECONDS)).isTrue();

    assertThat(get("/health/live").statusCode()).isEqualTo(200);

    hang.countDown();
    assertThat(page.get(5, SECONDS).body()).contains("refrain_probe 1.0");
  }

  @Test
  void aLiveProcessSaysSo() throws Exception {
    HttpResponse<String> live = get("/health/live");

    assertThat(live.statusCode()).isEqualTo(200);
    assertThat(live.body()).isEqualTo("{\"status\":\"UP\"}");
    assertThat(header(live, "content-type")).isEqualTo("application/json");
  }

  @Test
  void readinessIsAskedEachTimeAndLivenessDoesNotFollowIt() throws Exception {
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);

    ready.set(false);

    HttpResponse<String> page = get("/health/ready");
    assertThat(page.statusCode()).isEqualTo(503);
    assertThat(page.body()).isEqualTo("{\"status\":\"DOWN\"}");
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void headIsGetWithoutABody() throws Exception {
    for (String path : List.of("/", "/events", "/metrics", "/health/live", "/health/ready")) {
      HttpResponse<String> page = send(path, "HEAD");

      assertThat(page.statusCode()).as(path).isEqualTo(200);
      assertThat(page.body()).as(path).isEmpty();
    }
  }

  @Test
  void theApiIsNotHere() throws Exception {
    for (String path : List.of("/v1/completions", "/v1/models", "/healthy", "/metrics/x")) {
      assertError(send(path, "POST"), 404, "not_found");
      assertError(send(path, "GET"), 404, "not_found");
    }
  }

  @Test
  void whatCanBeReadCannotBeWritten() throws Exception {
    for (String path : List.of("/", "/events", "/metrics", "/health/live", "/health/ready")) {
      for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "BREW")) {
        HttpResponse<String> page = send(path, method);

        assertError(page, 405, "method_not_allowed");
        assertThat(header(page, "allow")).isEqualTo("GET, HEAD");
      }
    }
  }

  @Test
  void aPurgeIsReadFromABodyOrAQuery() throws Exception {
    String print = "0123456789abcdef".repeat(4);
    for (Map.Entry<String, Purge> wanted :
        Map.of(
                "{\"all\":true}", Purge.ALL,
                "{\"model\":\"gpt x\"}", new Purge.OfModel("gpt x"),
                "{\"scope\":\"00000000000000FF\"}", new Purge.OfScope(255))
            .entrySet()) {
      purged.clear();
      HttpResponse<String> page = purge("", wanted.getKey());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(header(page, "cache-control")).isEqualTo("no-store");
      assertThat(purged).containsExactly(wanted.getValue());
    }
    HttpResponse<String> page = purge("?fingerprint=" + print, "");
    assertThat(page.body())
        .isEqualTo(
            "{\"purged\":{\"fingerprint\":\"" + print + "\"},\"reach\":\"here\",\"entries\":3}");
  }

  @Test
  void aPageOfAnotherOriginGivesNoOrders() throws Exception {
    String here = LOOPBACK + ":" + door.port();
    for (String path : List.of("/cache/purge?all=true", "/config/reload")) {
      for (String origin : List.of("http://evil.example", "null", "http://" + LOOPBACK + ":1")) {
        HttpResponse<String> refused = order(here, path, origin);
        assertThat(refused.statusCode()).as(path + origin).isEqualTo(403);
        assertThat(refused.body()).contains("\"code\":\"forbidden\"");
      }
    }
    assertThat(purged).isEmpty();
    assertThat(order(here, "/cache/purge?all=true", "http://" + here).statusCode()).isEqualTo(200);
    assertThat(order(here, "/cache/purge?all=true", "https://" + here).statusCode()).isEqualTo(200);
    assertThat(purged).hasSize(2);
  }

  private HttpResponse<String> order(String authority, String path, String origin)
      throws Exception {
    HttpRequest order =
        HttpRequest.newBuilder(URI.create("http://" + authority + path))
            .header("Origin", origin)
            .POST(BodyPublishers.noBody())
            .build();
    return client.send(order, BodyHandlers.ofString());
  }

  @Test
  void aCallerIsNamedByTheHeadersItSends() throws Exception {
    purge("", "{\"authorization\":\"Bearer k\",\"openai-project\":\"p\"}");
    MultiMap sent =
        HttpHeaders.headers().add("Authorization", "Bearer k").add("OpenAI-Project", "p");
    assertThat(purged).containsExactly(new Purge.OfScope(Scope.of(sent).hash()));
  }

  @Test
  void aTenantIsNamedInThePlaceOfItsKeys() throws Exception {
    purge("", "{\"tenant\":\"shop\",\"openai-project\":\"p\"}");
    MultiMap sent = HttpHeaders.headers().add("OpenAI-Project", "p");
    assertThat(purged).containsExactly(new Purge.OfScope(Scope.of("shop", sent).hash()));
    assertRefused(purge("?tenant=shop", ""), "tenant");
    assertRefused(purge("", "{\"tenant\":7}"), "tenant");
    assertThat(purged).hasSize(1);
  }

  @Test
  void aPurgeWithoutMeaningIsRefusedByTheNameOfTheFieldAndPurgesNothing() throws Exception {
    assertRefused(purge("", "{\"model\":7}"), "model");
    assertRefused(purge("", "{\"model\":\"\"}"), "model");
    assertRefused(purge("?model=" + "m".repeat(513), ""), "model");
    assertRefused(purge("", "{\"scope\":\"secret\"}"), "scope");
    assertRefused(purge("", "{\"fingerprint\":\"ab\"}"), "fingerprint");
    assertRefused(purge("", "{\"all\":false}"), "all");
    assertRefused(purge("", "{\"all\":\"true\"}"), "all");
    assertRefused(purge("", "{\"modle\":\"m\"}"), "modle");
    assertRefused(purge("?authorization=secret", ""), "authorization");
    assertRefused(purge("", "{\"authorization\":null}"), "authorization");
    assertRefused(purge("", "{\"authorization\":\"sk-secret\"}"), "authorization");
    assertRefused(purge("", "{\"Authorization\":\"Bearer \"}"), "Authorization");
    for (String body : List.of("", "{}", "[1]", "secret", "{\"all\":true,\"model\":\"m\"}")) {
      assertRefused(purge("", body), null);
    }
    assertError(purge("", "{\"model\":\"" + "m".repeat(20_000) + "\"}"), 413, "too_large");
    assertThat(purged).isEmpty();
  }

  @Test
  void aPurgeIsNothingThatIsRead() throws Exception {
    HttpResponse<String> page = get("/cache/purge?all=true");
    assertError(page, 405, "method_not_allowed");
    assertThat(header(page, "allow")).isEqualTo("POST");
    assertThat(purged).isEmpty();
  }

  private HttpResponse<String> purge(String query, String body) throws Exception {
    return client.send(
        request("/cache/purge" + query).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  private static void assertRefused(HttpResponse<String> page, String param) {
    assertError(page, 400, "invalid");
    assertThat(new JsonObject(page.body()).getJsonObject("error").getString("param"))
        .isEqualTo(param);
    assertThat(page.body()).doesNotContain("secret");
  }

  @Test
  void aPathThatCannotBeDecodedIsAnErrorInJsonToo() throws Exception {
    try (Socket socket = new Socket(LOOPBACK, door.port())) {
      socket
          .getOutputStream()
          .write(
              "GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String page = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

      assertThat(page).startsWith("HTTP/1.1 400 ").contains("\"code\":\"invalid\"");
    }
  }

  @Test
  void aReadinessThatThrowsIsNotReady() throws Exception {
    ManagementVerticle broken =
        new ManagementVerticle(
            new ManagementSettings(LOOPBACK, 0, null, 64, Duration.ofSeconds(10), Duration.ZERO),
            registry,
            services(
                Answering.of(
                    () -> {
                      throw new IllegalStateException("secret");
                    })));
    vertx.deployVerticle(broken).await();

    HttpResponse<String> page =
        client.send(
            HttpRequest.newBuilder(uri(broken.port(), "/health/ready")).build(),
            BodyHandlers.ofString());

    assertError(page, 500, "internal");
    assertThat(page.body()).doesNotContain("secret");
  }

  @Test
  void undeployingClosesTheDoorAndFreesThePort() throws Exception {
    int port = door.port();
    get("/health/live");

    vertx.undeploy(deployment).await();

    assertThatThrownBy(() -> get("/health/live")).isInstanceOf(ConnectException.class);
    ManagementVerticle next =
        new ManagementVerticle(
            new ManagementSettings(LOOPBACK, port, null, 64, Duration.ofSeconds(10), Duration.ZERO),
            registry,
            services(health));
    vertx.deployVerticle(next).await();
    assertThat(next.port()).isEqualTo(port);
  }

  @Test
  void aPortThatIsTakenFailsTheStart() {
    ManagementVerticle second =
        new ManagementVerticle(
            new ManagementSettings(
                LOOPBACK, door.port(), null, 64, Duration.ofSeconds(10), Duration.ZERO),
            registry,
            services(health));

    assertThat(vertx.deployVerticle(second))
        .satisfies(
            start -> {
              assertThatThrownBy(start::await).hasMessageContaining("Address already in use");
            });
  }

  @Test
  void aPortThatIsNoneIsRefused() {
    assertThatThrownBy(
            () ->
                new ManagementSettings(
                    LOOPBACK, 65_536, null, 64, Duration.ofSeconds(10), Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("port (expected: a whole number from 0 to 65535)");
  }

  private void gauge(Callable<Integer> value) {
    Gauge.builder(
            "refrain.probe",
            () -> {
              try {
                return value.call();
              } catch (Exception failure) {
                throw new IllegalStateException(failure);
              }
            })
        .register(registry);
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(path, "GET");
  }

  private HttpResponse<String> get(String path, String accept)
      throws IOException, InterruptedException {
    return client.send(request(path).header("accept", accept).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String path, String method)
      throws IOException, InterruptedException {
    return client.send(
        request(path).method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(door.port(), path)).timeout(Duration.ofSeconds(10));
  }

  private static URI uri(int port, String path) {
    return URI.create("http://" + LOOPBACK + ":" + port + path);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static void assertError(HttpResponse<String> page, int status, String code) {
    assertThat(page.statusCode()).isEqualTo(status);
    assertThat(header(page, "content-type")).isEqualTo("application/json");
    JsonObject error = new JsonObject(page.body()).getJsonObject("error");
    assertThat(error.fieldNames()).containsExactly("message", "type", "param", "code");
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("message")).isNotBlank();
  }

  @Test
  void healthTellsTheWholeOfItWithTheStatusOfReadiness() throws Exception {
    assertThat(get("/health").statusCode()).isEqualTo(200);
    assertThat(get("/health").body()).startsWith("{\"status\":\"told\",\"problems\":[");
    ready.set(false);
    assertThat(get("/health").statusCode()).isEqualTo(503);
  }

  @Test
  void aReloadTellsWhatWasTakenUpAndWhatWaits() throws Exception {
    HttpResponse<String> done = order("/config/reload");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body())
        .isEqualTo("{\"changed\":[\"cache.ttl\"],\"pending\":[\"server.port\"]}");
    outcome = Future.failedFuture(Failure.invalid(null, "a.yaml: server.port: x (expected: 1)"));
    assertError(order("/config/reload"), 400, "invalid");
    assertThat(get("/config/reload").statusCode()).isEqualTo(405);
  }

  private HttpResponse<String> order(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(uri(door.port(), path)).POST(BodyPublishers.noBody()).build(),
        BodyHandlers.ofString());
  }

  /** As ready as it is told to be. */
  record Answering(BooleanSupplier ready) implements HealthStatus {
    static HealthStatus of(BooleanSupplier ready) {
      return new Answering(ready);
    }

    @Override
    public boolean isLive() {
      return true;
    }

    @Override
    public boolean isReady() {
      return ready.getAsBoolean();
    }

    @Override
    public JsonObject report() {
      return JsonObject.of("status", "told");
    }
  }
}
