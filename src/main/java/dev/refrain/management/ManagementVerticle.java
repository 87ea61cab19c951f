package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Purge;
import dev.refrain.management.ManagementServices.ExplainAction;
import dev.refrain.management.ManagementServices.HealthStatus;
import dev.refrain.management.ManagementServices.ReloadAction;
import dev.refrain.management.ManagementServices.StoredEntries;
import dev.refrain.management.Scrape.ExpositionFormat;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers operators on a port of its own. Deploy one.
 *
 * <table>
 * <caption>GET and HEAD unless said otherwise; anything else is an error in JSON</caption>
 * <tr><td>{@code /}<td>a page that shows what is saved, and how we do
 * <tr><td>{@code /events}<td>what moves that page, as server-sent events
 * <tr><td>{@code /history}<td>the figures of that page of the last hour
 * <tr><td>{@code /metrics}<td>Prometheus text, or OpenMetrics where {@code Accept} prefers it
 * <tr><td>{@code /health/live}<td>200 {@code {"status":"UP"}} as long as the event loops turn; 503 when one has
 *     not for long
 * <tr><td>{@code /health/ready}<td>the same, or 503 {@code {"status":"DOWN"}}: send no more
 * <tr><td>{@code /health}<td>the same with more, for those who have the token and for this machine:
 *     {@code {"status":"UP","version":"…","configuration":{…},"upstreams":{…},"problems":[…]}}
 * <tr><td>{@code /requests}<td>the last requests, without prompts: {@code {"requests":[…]}}; parameters
 *     select some; 401 without the token, where there is one
 * <tr><td>{@code /savings}<td>what was paid and saved by model, endpoint, key and source, as JSON or CSV
 * <tr><td>{@code /entries}<td>the first hundred stored answers in memory, by size, age or hits
 * <tr><td>{@code /cache/export}<td>the stored answers in memory and on the disk, as lines of JSON
 * <tr><td>{@code POST /cache/import}<td>stores such lines: 200 {@code {"stored":3,"kept":1}}
 * <tr><td>{@code POST /cache/remove}<td>removes some of them: 200 {@code {"removed":{"memory":3}}}
 * <tr><td>{@code POST /config/reload}<td>200 {@code {"changed":["cache.ttl"],"pending":[]}}, or 400
 *     with what is wrong; 401 without the token, where there is one
 * <tr><td>{@code POST /cache/explain}<td>200 with the rule that a request meets, whether it is shared
 *     and where its answer is stored; 400 if the request has no meaning; 401 as below
 * <tr><td>{@code POST /cache/purge}<td>200 {@code {"purged":{"model":"m"},"reach":"everywhere","entries":3}}
 *     with the stored answers in this process's memory that it covered; 401 without the token, where there is one
 * </table>
 */
public final class ManagementVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementVerticle.class);
  private static final Failure NOT_ALLOWED =
      Failure.of(Kind.METHOD_NOT_ALLOWED, "method not allowed on this path");
  private static final String PURGE = "/cache/purge";
  private static final String RELOAD = "/config/reload";
  private static final String EXPLAIN = "/cache/explain";

  /** The API of Refrain as an OpenAPI document. */
  private static final Buffer DESCRIPTION = description();

  private static final Set<String> ORDERS =
      Set.of(PURGE, RELOAD, EXPLAIN, EntryPages.IMPORT, EntryPages.REMOVE);
  // Prompts are long.
  private static final int MOST_EXPLAINED = 4 * 1024 * 1024;
  private static final int MOST_LISTED = 100;
  private static final int MOST_BODY = 16 * 1024;
  private static final int IDLE_SECONDS = 60;
  private static final long GRACE_SECONDS = 1;
  private static final String UP = "{\"status\":\"UP\"}";
  private static final String DOWN = "{\"status\":\"DOWN\"}";

  private final ManagementSettings settings;
  private final PrometheusMeterRegistry registry;
  private final HealthStatus health;
  private final PurgeAction purgeAction;
  private final ReloadAction reloadAction;
  private final ExplainAction explainAction;
  private final RecentRequests recentRequests;
  private final SavingsPage savings;
  private final StoredEntries storedEntries;
  private final EntryTransfer entryTransfer;
  private final IntSupplier publicPort;
  private final TokenGuard tokenGuard;
  private Scrape scrape;
  private ConnectionLimit limit;
  private History history;
  private LivePage livePage;
  private volatile HttpServer server;

  /** A port that is closed until deployed. */
  public ManagementVerticle(
      ManagementSettings settings, PrometheusMeterRegistry registry, ManagementServices services) {
    health = services.health();
    purgeAction = services.purgeAction();
    reloadAction = services.reloadAction();
    explainAction = services.explainAction();
    recentRequests = services.recentRequests();
    savings = new SavingsPage(services.savings(), services.budgets(), System::currentTimeMillis);
    storedEntries = services.storedEntries();
    entryTransfer = services.entryTransfer();
    publicPort = services.publicPort();
    this.settings = settings;
    this.registry = registry;
    this.tokenGuard =
        new TokenGuard(settings.token().isPresent() ? settings.token().value() : null);
  }

  @Override
  public Future<?> start() {
    scrape = new Scrape(vertx, registry);
    limit =
        new ConnectionLimit(
            vertx,
            settings.connections(),
            settings.requestTimeout(),
            Duration.ofSeconds(IDLE_SECONDS));
    history =
        new History(registry.getPrometheusRegistry(), health::report, System::currentTimeMillis);
    livePage = new LivePage(vertx, history, publicPort);
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(settings.host())
            .setPort(settings.port())
            .setHttp2ClearTextEnabled(false) // not needed here
            .setIdleTimeout(IDLE_SECONDS);
    return vertx
        .createHttpServer(options)
        .connectionHandler(limit)
        .requestHandler(router())
        .listen()
        .onSuccess(listening -> server = listening);
  }

  @Override
  public Future<?> stop() {
    livePage.close();
    return server.shutdown(GRACE_SECONDS, TimeUnit.SECONDS);
  }

  /** The port listened at. Only once deployed. */
  public int port() {
    return server.actualPort();
  }

  private Router router() {
    Router router = Router.router(vertx);
    router
        .route()
        .handler(
            context -> {
              limit.began(context.request());
              context.addEndHandler(ended -> limit.ended(context.request()));
              context.next();
            });
    readable(router.route("/")).handler(livePage::show);
    readable(router.route("/events")).handler(livePage::watch);
    readable(router.route("/history")).handler(livePage::past);
    readable(router.route("/metrics")).handler(this::metrics);
    readable(router.route("/openapi.yaml")).handler(ManagementVerticle::describe);
    readable(router.route("/health/live")).handler(context -> health(context, health.isLive()));
    readable(router.route("/health/ready")).handler(context -> health(context, health.isReady()));
    readable(router.route("/health")).handler(this::report);
    readable(router.route("/requests")).handler(tokenGuard).handler(this::requests);
    readable(router.route("/savings")).handler(tokenGuard).handler(savings::show);
    readable(router.route("/entries")).handler(tokenGuard).handler(this::entries);
    EntryPages entryPages = new EntryPages(entryTransfer, System::currentTimeMillis, limit::extend);
    readable(router.route(EntryPages.EXPORT)).handler(tokenGuard).handler(entryPages::export);
    router.post(EntryPages.IMPORT).handler(tokenGuard).handler(entryPages::load);
    router.post(EntryPages.REMOVE).handler(tokenGuard).handler(entryPages::remove);
    router.post(RELOAD).handler(tokenGuard).handler(this::reload);
    router.post(PURGE).handler(tokenGuard);
    router
        .post(PURGE)
        .handler(BodyHandler.create(false).setBodyLimit(MOST_BODY))
        .handler(this::purge);
    router.post(EXPLAIN).handler(tokenGuard);
    router
        .post(EXPLAIN)
        .handler(BodyHandler.create(false).setBodyLimit(MOST_EXPLAINED))
        .handler(this::explain);
    on(router, Failure.of(Kind.TOO_LARGE, "the body is too large"), context -> {});
    on(router, Failure.of(Kind.INVALID, "malformed request"), context -> {});
    on(router, Failure.of(Kind.NOT_FOUND, "no such path on the management port"), context -> {});
    on(router, NOT_ALLOWED, ManagementVerticle::allow);
    on(router, Failure.of(Kind.INTERNAL, "internal error"), ManagementVerticle::log);
    return router;
  }

  private static void on(Router router, Failure failure, Handler<RoutingContext> first) {
    router.errorHandler(
        failure.kind().status(),
        context -> {
          first.handle(context);
          ErrorPage.send(context, failure);
        });
  }

  /** RFC 9110 §15.5.6: a 405 names the methods that are allowed. */
  private static void allow(RoutingContext context) {
    context
        .response()
        .putHeader(
            HttpHeaders.ALLOW, ORDERS.contains(context.normalizedPath()) ? "POST" : "GET, HEAD");
  }

  private static void log(RoutingContext context) {
    LOG.error("management request failed", context.failure());
  }

  private static Route readable(Route route) {
    return route.method(HttpMethod.GET).method(HttpMethod.HEAD);
  }

  private static void describe(RoutingContext context) {
    context.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml").end(DESCRIPTION);
  }

  private static Buffer description() {
    try (InputStream file = ManagementVerticle.class.getResourceAsStream("openapi.yaml")) {
      return Buffer.buffer(file.readAllBytes());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private void metrics(RoutingContext context) {
    ExpositionFormat expositionFormat =
        ExpositionFormat.preferred(context.parsedHeaders().accept());
    scrape
        .page(expositionFormat)
        .onSuccess(
            page ->
                uncached(context)
                    .putHeader(HttpHeaders.CONTENT_TYPE, expositionFormat.contentType())
                    .end(page))
        .onFailure(context::fail);
  }

  private void purge(RoutingContext context) {
    Purge what;
    try {
      what = PurgeReader.read(purgeAction.roles(), context.queryParams(), context.body().buffer());
    } catch (Failure invalid) {
      ErrorPage.send(context, invalid);
      return;
    }
    vertx
        .executeBlocking(() -> purgeAction.purge(what), false)
        .compose(purging -> purging)
        .onSuccess(done -> purged(context, what, done))
        .onFailure(context::fail);
  }

  private static void purged(RoutingContext context, Purge what, PurgeAction.Done done) {
    LOG.info("purged by {}: {} entries, {}", what.by().label(), done.entries(), done.reach());
    JsonObject document =
        new JsonObject()
            .put("purged", new JsonObject().put(what.by().label(), shown(what)))
            .put("reach", done.reach().name().toLowerCase(Locale.ROOT))
            .put("entries", done.entries());
    json(context, 200).end(document.toBuffer());
  }

  private static Object shown(Purge what) {
    return what.by() == Purge.By.ALL ? Boolean.TRUE : what.value();
  }

  private void explain(RoutingContext context) {
    MultiMap headers = HttpHeaders.headers().addAll(context.request().headers());
    if (settings.token().isPresent()) {
      headers.remove(HttpHeaders.AUTHORIZATION); // it is for this port
    }
    try {
      explainAction
          .explain(ExplainReader.read(context.queryParams(), headers, context.body().buffer()))
          .onSuccess(document -> json(context, 200).end(document.toBuffer()))
          .onFailure(context::fail);
    } catch (Failure invalid) {
      ErrorPage.send(context, invalid);
    }
  }

  private void reload(RoutingContext context) {
    reloadAction
        .reload()
        .onSuccess(
            done ->
                json(context, 200)
                    .end(
                        JsonObject.of("changed", done.changed(), "pending", done.pending())
                            .toBuffer()))
        .onFailure(cause -> ErrorPage.send(context, Failure.from(cause)));
  }

  private void requests(RoutingContext context) {
    try {
      JsonArray found = recentRequests.find(RecentRequests.Filter.of(context.queryParams()));
      json(context, 200).end(JsonObject.of("requests", found).toBuffer());
    } catch (Failure invalid) {
      ErrorPage.send(context, invalid);
    }
  }

  private void entries(RoutingContext context) {
    String by = context.queryParams().contains("by") ? context.queryParams().get("by") : "hits";
    vertx
        .executeBlocking(() -> storedEntries.list(by, MOST_LISTED), false)
        .onSuccess(found -> json(context, 200).end(JsonObject.of("entries", found).toBuffer()))
        .onFailure(cause -> ErrorPage.send(context, Failure.from(cause)));
  }

  private void report(RoutingContext context) {
    if (tokenGuard.mayRead(context.request())) {
      vertx
          .executeBlocking(history::problems, false)
          .onSuccess(
              problems ->
                  json(context, health.isReady() ? 200 : 503)
                      .end(health.report().put("problems", problems).toBuffer()))
          .onFailure(context::fail);
    } else {
      health(context, health.isReady());
    }
  }

  private static void health(RoutingContext context, boolean up) {
    json(context, up ? 200 : 503).end(up ? UP : DOWN);
  }

  private static HttpServerResponse json(RoutingContext context, int status) {
    return uncached(context)
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
  }

  private static HttpServerResponse uncached(RoutingContext context) {
    return context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
  }
}
