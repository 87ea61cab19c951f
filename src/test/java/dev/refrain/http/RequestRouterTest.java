package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.refrain.http.RequestRouter.Handlers;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Observer;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.testing.Json;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RawHttp2;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.junit5.Timeout;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** Whatever is thrown behind the door is an answer, and the end of what it was thrown at. */
@ExtendWith(VertxExtension.class)
@Timeout(value = 30, timeUnit = TimeUnit.SECONDS)
class RequestRouterTest {
  private static final String GET = "GET /v1/x HTTP/1.1\r\nHost: proxy\r\n\r\n";
  private static final String[] STREAM = {
    ":method", "GET", ":scheme", "http", ":authority", "proxy", ":path", "/v1/x"
  };

  private final Observer observer = new Observer() {};
  private ResponseWriter writer;
  private RequestRouter router;
  private final ServerSettings settings =
      new ServerSettings(
          8192, 128, Duration.ofSeconds(10), Duration.ofSeconds(10), Set.of(), Set.of());
  private final Logger logger = (Logger) LoggerFactory.getLogger(FailureLog.class);
  private HttpServer server;

  @BeforeEach
  void beQuiet() {
    logger.setLevel(Level.OFF); // the defects here are planted
  }

  @AfterEach
  void beHeard() {
    logger.setLevel(null);
  }

  @BeforeEach
  void open(Vertx vertx, VertxTestContext context) {
    Duration patience = Duration.ofSeconds(10);
    Deadlines deadlines = new Deadlines(vertx, patience);
    SlowReaders readers = new SlowReaders(vertx, MemoryBudget.unlimited(), patience, observer);
    writer =
        new ResponseWriter(
            observer, new FailureLog(), System::currentTimeMillis, entry -> true, false, readers);
    router = new RequestRouter(writer, new AccessLog(false), new RequestGuard(settings));
    server =
        vertx
            .createHttpServer()
            .connectionHandler(
                new ConnectionAdmission(
                    settings, new ConnectionCount(8), deadlines, readers, observer, router))
            .requestHandler(router);
    server.listen(0, "127.0.0.1").onComplete(context.succeedingThenComplete());
  }

  @Test
  void aDefectIs500AndTheEndOfTheConnection() throws Exception {
    leadTo(RequestRouterTest::throwing);
    try (RawClient client = new RawClient(server.actualPort())) {
      client.send(GET + GET);
      RawClient.Answer answer = client.answer();

      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.text()).doesNotContain("planted");
      assertThat(client.closedByPeer()).isTrue();
    }
  }

  @Test
  void aDefectBehindTheHeadEndsTheConnection() throws Exception {
    leadTo(
        (request, listener) -> {
          request.response().setChunked(true).writeHead();
          throw new IllegalStateException("planted");
        });
    try (RawClient client = new RawClient(server.actualPort())) {
      client.send(GET);
      RawClient.Answer answer = client.answer();

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.whatCame()).isEmpty();
      assertThat(client.closedByPeer()).isTrue();
    }
  }

  @Test
  void aDefectOverHttp2Is500AndTheEndOfTheStreamAlone() throws Exception {
    leadTo(RequestRouterTest::throwing);
    try (RawHttp2 client = new RawHttp2(server.actualPort())) {
      client.request(1, null, STREAM).request(3, null, STREAM);

      for (int stream = 1; stream <= 3; stream += 2) {
        RawHttp2.Answer answer = client.answer(stream);
        assertThat(answer.status()).isEqualTo(500);
        assertThat(Json.read(answer.body()).path("error").path("code").asText())
            .isEqualTo("internal");
      }
    }
  }

  @Test
  void aFailureThatIsThrownIsWhatItSays() throws Exception {
    leadTo(
        (request, listener) -> {
          throw Failure.of(Failure.Kind.FORBIDDEN, "not here");
        });
    try (RawHttp2 client = new RawHttp2(server.actualPort())) {
      client.request(1, null, STREAM);

      assertThat(client.answer(1).status()).isEqualTo(403);
    }
  }

  private void leadTo(BiFunction<HttpServerRequest, RequestListener, Future<Void>> others) {
    ModelsHandler models =
        new ModelsHandler(
            (all, headers) -> Future.failedFuture("not asked"),
            (String one, MultiMap headers) -> Future.failedFuture("not asked"),
            false,
            writer);
    router.handlers(new Handlers(Map.of(), models, others, false, FieldRoles.DEFAULT, null));
  }

  private static Future<Void> throwing(HttpServerRequest request, RequestListener listener) {
    throw new IllegalStateException("planted");
  }
}
