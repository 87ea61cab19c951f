package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.ServerConfig;
import dev.refrain.http.AnswerWriter;
import dev.refrain.http.BodyReader;
import dev.refrain.http.CompletionHandler;
import dev.refrain.http.Deadlines;
import dev.refrain.http.Door;
import dev.refrain.http.Endpoints;
import dev.refrain.http.Gate;
import dev.refrain.http.KeyGate;
import dev.refrain.http.ModelsHandler;
import dev.refrain.http.Reception;
import dev.refrain.openai.CompletionsReader;
import dev.refrain.openai.completions.CompletionsLanguage;
import dev.refrain.upstream.passthrough.PassThrough;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public port on one event loop, with stages and clients of its own. */
final class ProxyVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyVerticle.class);

  private final Shared shared;
  private final Edition first;
  private final ServerSSLOptions tls;
  private final AnswerWriter writer;
  private final Door door;
  // The one that requests enter last; those before it as long as something may be under way there.
  private final List<Pipeline> pipelines = new ArrayList<>();
  private Context loop;
  private Connections connections;
  private Deadlines deadlines;
  private Runnable lagWatch;
  private HttpServer server;

  /** A port that is not open yet, to be opened by this edition. */
  ProxyVerticle(Shared shared, Edition first, ServerSSLOptions tls) {
    this.shared = shared;
    this.first = first;
    this.tls = tls;
    this.writer =
        new AnswerWriter(
            shared.observer(),
            shared.failureLog(),
            System::currentTimeMillis,
            first.config().server().cors());
    this.door =
        new Door(
            writer,
            Shared.accessLog(first.config().logging()),
            new Gate(Shared.doorSettings(first.config().server())));
  }

  @Override
  public Future<?> start() {
    ServerConfig config = first.config().server();
    loop = context;
    deadlines = new Deadlines(vertx, shortest(config));
    connections = Connections.open(vertx, first, shared);
    lagWatch = shared.lag().watch(vertx);
    lead(first);
    server =
        vertx
            .createHttpServer(DoorOptions.of(config, tls))
            .connectionHandler(
                new Reception(
                    Shared.doorSettings(config),
                    shared.occupancy(),
                    deadlines,
                    shared.observer(),
                    door))
            .requestHandler(door)
            .invalidRequestHandler(door::malformed)
            .exceptionHandler(ProxyVerticle::notMade);
    return redisTried().compose(tried -> server.listen());
  }

  // It is known on whichever loop asked, and a server is of the loop that has it listen.
  private Future<Void> redisTried() {
    Promise<Void> tried = Promise.promise();
    connections
        .tried(shared.purges(), first.config().cache().redis().connectTimeout())
        .onComplete(done -> loop.runOnContext(here -> tried.complete()));
    return tried.future();
  }

  // Only its kind: the message of what is no TLS quotes the bytes that came, and so a key.
  private static void notMade(Throwable cause) {
    LOG.debug("a connection was not made: {}", cause.getClass().getSimpleName());
  }

  private static Duration shortest(ServerConfig config) {
    return Collections.min(
        List.of(
            config.headerTimeout(),
            config.bodyIdleTimeout(),
            config.bodyTimeout(),
            config.keepAliveTimeout()));
  }

  /** Leads every request from now on by this edition; done when it does. Any thread. */
  Future<Void> take(Edition edition) {
    Promise<Void> taken = Promise.promise();
    loop.runOnContext(
        now -> {
          lead(edition);
          connections.keep(edition);
          taken.complete();
        });
    return taken.future();
  }

  private void lead(Edition edition) {
    Pipeline pipeline = new Pipeline(vertx, shared, edition, connections);
    if (!pipelines.isEmpty()) {
      Pipeline before = pipelines.get(pipelines.size() - 1);
      vertx.setTimer(edition.longest().toMillis(), id -> pipelines.remove(before));
    }
    pipelines.add(pipeline);
    door.leadTo(endpoints(edition, pipeline));
  }

  private Endpoints endpoints(Edition edition, Pipeline pipeline) {
    Config config = edition.config();
    CompletionsReader reader =
        new CompletionsReader(
            edition.bounds(),
            edition.repetition(),
            edition.directions(),
            config.cache().enabled(),
            new CompletionsLanguage());
    BodyReader bodies =
        new BodyReader(
            config.limits().body().toInt(),
            shared.budget(),
            deadlines,
            config.server().bodyIdleTimeout(),
            config.server().bodyTimeout());
    return new Endpoints(
        new CompletionHandler(bodies, reader, pipeline.first(), writer, shared.observer()),
        new ModelsHandler(
            pipeline.models()::list, pipeline.models()::one, edition.isOneCatalogue(), writer),
        new PassThrough(vertx, connections.passing(), edition.origins(), shared.observer()),
        edition.isCredentialed(),
        edition.keyring().isEmpty() ? null : new KeyGate(edition.keyring(), shared.observer()));
  }

  /** Uses new certificates for new connections, on all event loops. */
  Future<?> renew(ServerSSLOptions news) {
    return server.updateSSLOptions(news, true);
  }

  int port() {
    return server.actualPort();
  }

  /** Takes nothing new and lets what is under way finish, for a while. */
  @Override
  public Future<?> stop() {
    lagWatch.run();
    Duration patience = first.config().server().drain().timeout();
    return server
        .shutdown(patience.toMillis(), TimeUnit.MILLISECONDS)
        .eventually(() -> Future.join(pipelines.stream().map(Pipeline::close).toList()))
        .eventually(connections::close);
  }
}
