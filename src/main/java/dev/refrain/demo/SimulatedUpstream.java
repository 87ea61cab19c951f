package dev.refrain.demo;

import dev.refrain.demo.BodyFields.InvalidRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.time.Duration;
import java.util.Optional;

/**
 * A server for {@code POST /v1/completions}, {@code POST /v1/chat/completions}, {@code POST
 * /v1/embeddings} and {@code GET /v1/models} without a model, for the demo, for tests and for
 * measurements.
 *
 * <p>A chat with {@code tools} is answered with a call of the first one, and one with {@code
 * reasoning_effort} begins with reasoning.
 *
 * <p>At temperature 0 equal requests get equal text; above, a {@code seed} decides the text, and
 * without one every call differs. Where a text goes on, a longer {@code max_tokens} goes on with
 * it. The usage counts words. Events carry one token each; all choices grow together, one token a
 * step. A plain answer takes as long as the stream would. A client that leaves ends its call.
 *
 * <p>Models that fail, on demand:
 *
 * <ul>
 *   <li>{@code error-NNN}: that status, 400 to 599, with the error object; 429 with {@code
 *       Retry-After: 1}
 *   <li>{@code error-hang}: no answer at all
 *   <li>{@code error-stream}: an error event after three steps, no terminator; plain: status 500
 *   <li>{@code error-cut}: connection closed after three steps; plain: in the middle of the body
 *   <li>{@code error-stall}: silence after three steps; plain: in the middle of the body
 *   <li>{@code error-done}: {@code [DONE]} after three steps without any finish reason; plain: a
 *       whole answer without finish reasons
 * </ul>
 *
 * <p>Threads: runs on one event loop; everything public may be called from any thread.
 */
public final class SimulatedUpstream {
  private static final long MOST_BODY_BYTES = 32L << 20;
  private static final String COMPLETIONS = "/v1/completions";
  private static final String CHAT = "/v1/chat/completions";

  private final Vertx vertx;
  private final Simulation settings;
  private final UsageMeter usageMeter = new UsageMeter();
  private final HttpServer server;
  private volatile boolean drifted;

  private static final String EMBEDDINGS = "/v1/embeddings";

  /** Answers a call. */
  @FunctionalInterface
  private interface Endpoint {
    void answer(HttpServerResponse response, Buffer body, long number) throws InvalidRequest;
  }

  private SimulatedUpstream(Vertx vertx, Simulation settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.server =
        vertx.createHttpServer(new HttpServerOptions().setHandle100ContinueAutomatically(true));
  }

  /** Starts one; fails when the port is taken. */
  public static Future<SimulatedUpstream> start(Vertx vertx, Simulation settings) {
    SimulatedUpstream upstream = new SimulatedUpstream(vertx, settings);
    return upstream
        .server
        .requestHandler(upstream.routes())
        .listen(settings.port(), settings.host())
        .onSuccess(listening -> upstream.driftLater())
        .map(upstream);
  }

  private void driftLater() {
    if (!settings.driftAfter().isZero()) {
      vertx.setTimer(settings.driftAfter().toMillis(), id -> drift());
    }
  }

  /** Gives other texts, and another {@code system_fingerprint}, to all further requests. */
  public void drift() {
    drifted = true;
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  /** Calls of these endpoints so far, failed ones included. */
  public long calls() {
    return usageMeter.calls();
  }

  /** Tokens to be paid so far, of prompts and completions. */
  public long tokens() {
    return usageMeter.promptTokens() + usageMeter.completionTokens();
  }

  /** Tokens generated so far, including those of abandoned calls. */
  public long completionTokens() {
    return usageMeter.completionTokens();
  }

  /** Calls being answered right now: streams being written, plain answers being waited for. */
  public int open() {
    return usageMeter.open();
  }

  /** Calls whose client left before the end, so far. */
  public long abandoned() {
    return usageMeter.abandoned();
  }

  /** Closes the port and every connection. */
  public Future<Void> stop() {
    return server.close();
  }

  private Router routes() {
    Router router = Router.router(vertx);
    router.get("/v1/models").handler(SimulatedUpstream::models);
    post(router, COMPLETIONS, (to, body, n) -> answer(to, SimulatedRequestReader.read(body), n));
    post(router, CHAT, (to, body, n) -> answer(to, SimulatedRequestReader.readChat(body), n));
    post(router, EMBEDDINGS, (to, body, n) -> answer(to, SimulatedEmbeddings.read(body), n));
    router.route().handler(ctx -> ApiErrors.invalid(ctx.response(), 404, "Unknown URL.", null));
    return router;
  }

  private void post(Router router, String path, Endpoint endpoint) {
    router
        .post(path)
        .handler(BodyHandler.create(false).setBodyLimit(MOST_BODY_BYTES))
        .handler(ctx -> answer(ctx, endpoint))
        .failureHandler(SimulatedUpstream::fail);
    router.route(path).handler(ctx -> ApiErrors.invalid(ctx.response(), 405, "Not allowed.", null));
  }

  private void answer(RoutingContext ctx, Endpoint endpoint) {
    long number = usageMeter.called();
    HttpServerResponse response =
        ctx.response().putHeader("X-Request-Id", "req-simulated-" + number);
    try {
      endpoint.answer(response, ctx.body().buffer(), number);
    } catch (InvalidRequest e) {
      ApiErrors.invalid(response, 400, e.getMessage(), e.param());
    }
  }

  private void answer(HttpServerResponse response, SimulatedRequest request, long number) {
    SimulatedRequest asked = drifted ? request.drift() : request;
    begin(response, asked.model(), asked.promptTokens(), number)
        .ifPresent(
            call -> {
              if (asked.stream()) {
                new StreamWriter(call, asked, settings.delayPerToken()).begin();
              } else {
                new PlainWriter(call, asked, settings.delayPerToken()).begin();
              }
            });
  }

  /** All inputs together take as long as one token. */
  private void answer(HttpServerResponse response, SimulatedEmbeddings request, long number) {
    begin(response, request.model(), request.promptTokens(), number)
        .ifPresent(
            call ->
                call.after(
                    settings.delayPerToken().toMillis(),
                    () -> {
                      call.end();
                      response
                          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                          .end(request.answer());
                    }));
  }

  /** The call, unless its model refuses it or says nothing. */
  private Optional<SimulatedCall> begin(
      HttpServerResponse response, String model, int promptTokens, long number) {
    InjectedFault injectedFault = InjectedFault.of(model);
    if (injectedFault.kind() == InjectedFault.Kind.REFUSE) {
      ApiErrors.answer(response, injectedFault.status(), ApiErrors.simulated());
      return Optional.empty();
    }
    usageMeter.read(promptTokens);
    SimulatedCall call = new SimulatedCall(vertx, response, usageMeter, number);
    return injectedFault.kind() == InjectedFault.Kind.HANG ? Optional.empty() : Optional.of(call);
  }

  private static void models(RoutingContext ctx) {
    JsonArray data = new JsonArray().add(model("gpt-3.5-turbo-instruct"));
    InjectedFault.MODELS.forEach(name -> data.add(model(name)));
    ctx.json(new JsonObject().put("object", "list").put("data", data));
  }

  private static JsonObject model(String id) {
    JsonObject model = new JsonObject().put("id", id).put("object", "model");
    return model.put("created", 1_700_000_000).put("owned_by", "simulated");
  }

  private static void fail(RoutingContext ctx) {
    if (ctx.response().ended() || ctx.response().closed()) {
      return;
    }
    int status = ctx.statusCode() > 0 ? ctx.statusCode() : 500;
    ApiErrors.invalid(ctx.response(), status, "The request could not be read.", null);
  }

  /**
   * Settings of a {@link SimulatedUpstream}.
   *
   * @param port to listen on; 0 for any free one
   * @param host to listen on
   * @param delayPerToken how long one step takes, in which every choice that is still being written
   *     grows by one token; may be zero or a fraction of a millisecond
   * @param driftAfter when it begins to {@link #drift}; zero is never
   */
  public record Simulation(int port, String host, Duration delayPerToken, Duration driftAfter) {
    /** The default interface. */
    public static final String LOOPBACK = "127.0.0.1";

    /** A simulation on a free port of the loopback interface. */
    public static Simulation of(Duration delayPerToken) {
      return new Simulation(0, LOOPBACK, delayPerToken, Duration.ZERO);
    }
  }
}
