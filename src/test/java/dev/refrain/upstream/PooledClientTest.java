package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Whole;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.Upstream.UpstreamSettings;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One connection, and a next request that waits for it. */
class PooledClientTest {
  private static final String REFUSED = "/v1/x?a b";
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ScriptedUpstream server = ScriptedUpstream.playing(Script.json("{}"));
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private final HttpClients clients = HttpClients.lasting(vertx);
  private final Target target =
      new Target(
          "a",
          URI.create(server.url()),
          List.of(),
          null,
          PATIENCE,
          PATIENCE,
          PATIENCE,
          PATIENCE,
          1,
          4,
          Transport.DIRECT);

  @AfterEach
  void close() throws Exception {
    vertx.close().await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    server.close();
  }

  @Test
  void aConnectionOnWhichASendWasRefusedIsClosedAndNotGivenToWhoWaits() {
    Future<Whole> refused = on(() -> ask(REFUSED));
    Future<Whole> next = on(() -> ask("/v1/models"));
    assertThat(catchThrowable(() -> within(refused))).isNotNull();
    assertThat(within(next).head().status()).isEqualTo(200);
    assertThat(server.connections()).isEqualTo(2);
    assertThat(server.calls()).isEqualTo(1);
  }

  @Test
  void aCallWhoseSendIsRefusedFailsAtOnceAndTheNextOneIsAnswered() {
    UpstreamCall calls =
        new UpstreamCall(
            vertx,
            clients,
            new AnswerLimits(1 << 20, 1 << 20),
            FieldRoles.DEFAULT,
            Observer.NONE,
            CallInterceptor.NONE);
    Upstream upstream =
        new Upstream(
            target,
            new UpstreamSettings(Map.of(), 1, 0, 8, 2, Servers.SECOND, "", Servers.SECOND),
            new Servers().retry(0, 0, 0));
    Future<InferenceResponse> refused = on(() -> call(calls, upstream, "/v1/x y"));
    Future<InferenceResponse> next = on(() -> call(calls, upstream, "/v1/x"));
    assertThat(catchThrowable(() -> within(refused))).isNotNull();
    assertThat(within(next).head().status()).isEqualTo(200);
    assertThat(server.calls()).isEqualTo(1);
  }

  @Test
  void aFreshConnectionHasCarriedNothing() {
    within(on(() -> ask("/v1/models")));
    boolean reused =
        within(
            on(
                () ->
                    client()
                        .fresh(options("/v1/models"))
                        .map(
                            request -> {
                              boolean used = client().isReused(request);
                              client().abandon(request);
                              return used;
                            })));
    assertThat(reused).isFalse();
    await().until(() -> server.connections() == 2);
  }

  @Test
  void anAbandonedRequestClosesItsConnection() {
    within(
        on(
            () ->
                client()
                    .request(options("/v1/models"))
                    .map(
                        (HttpClientRequest request) -> {
                          request.exceptionHandler(closed -> {});
                          client().abandon(request);
                          return request;
                        })));
    within(on(() -> ask("/v1/models")));
    assertThat(server.connections()).isEqualTo(2);
  }

  @Test
  void aServerThatTakesAQuestionAndIsSilentIsSaidNotToAnswer() {
    within(on(() -> ask("/v1/models"))); // so that there is a connection
    server.play(Script.silence().pause(new Gate()));
    Future<Whole> answer =
        on(() -> BoundedGet.ask(client(), target, "/v1/models", HttpHeaders.headers(), 1));
    assertThat(catchThrowable(() -> within(answer)))
        .hasMessage("the upstream did not answer within 1 ms");
  }

  private Client client() {
    return clients.of(target);
  }

  private RequestOptions options(String uri) {
    return target.request().setMethod(HttpMethod.GET).setURI(uri);
  }

  private Future<Whole> ask(String path) {
    return BoundedGet.ask(client(), target, path, HttpHeaders.headers(), PATIENCE.toMillis());
  }

  private static Future<InferenceResponse> call(
      UpstreamCall calls, Upstream upstream, String endpoint) {
    InferenceRequest like = FakeRequest.alone(Framing.WHOLE);
    InferenceRequest request =
        new InferenceRequest(
            like.call(),
            endpoint,
            like.model(),
            like.form(),
            like.content(),
            like.split(),
            like.language(),
            like.sharing(),
            like.directives(),
            like.cancellation());
    return calls.call(request, new Attempt(upstream, Health.Admission.FREE, System.nanoTime()));
  }

  private <T> Future<T> on(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(v -> action.get().onComplete(done));
    return done.future();
  }

  private static <T> T within(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError(late);
    }
  }
}
