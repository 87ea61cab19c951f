package dev.refrain;

import dev.refrain.config.ServerConfig;
import dev.refrain.http.AnswerWriter;
import dev.refrain.http.BodyReader;
import dev.refrain.http.CompletionHandler;
import dev.refrain.http.Deadlines;
import dev.refrain.http.Door;
import dev.refrain.http.Gate;
import dev.refrain.http.ModelsHandler;
import dev.refrain.http.Reception;
import dev.refrain.openai.CompletionsLanguage;
import dev.refrain.openai.CompletionsReader;
import dev.refrain.upstream.passthrough.PassThrough;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.ServerSSLOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public port on one event loop, with stages and clients of its own. */
final class ProxyVerticle extends VerticleBase {
  static final int GRACE_SECONDS = 10;
  private static final Logger LOG = LoggerFactory.getLogger(ProxyVerticle.class);

  private final Shared shared;
  private Pipeline pipeline;
  private Runnable lagWatch;
  private HttpServer server;

  ProxyVerticle(Shared shared) {
    this.shared = shared;
  }

  @Override
  public Future<?> start() {
    ServerConfig config = shared.config().server();
    Deadlines deadlines = new Deadlines(vertx, shortest(config));
    pipeline = new Pipeline(vertx, shared);
    lagWatch = shared.lag().watch(vertx);
    Door door = door(deadlines);
    server =
        vertx
            .createHttpServer(DoorOptions.of(config, shared.certificates().door()))
            .connectionHandler(
                new Reception(
                    shared.doorSettings(), shared.occupancy(), deadlines, shared.observer()))
            .requestHandler(door)
            .invalidRequestHandler(door::malformed)
            .exceptionHandler(ProxyVerticle::notMade);
    return server.listen();
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

  private Door door(Deadlines deadlines) {
    CompletionsReader reader =
        new CompletionsReader(
            shared.bounds(),
            shared.repetition(),
            new Directions(shared.config().upstreams(), shared.routes()),
            shared.config().cache().enabled(),
            new CompletionsLanguage());
    AnswerWriter writer = new AnswerWriter(shared.observer(), System::currentTimeMillis);
    ServerConfig config = shared.config().server();
    BodyReader bodies =
        new BodyReader(
            shared.config().limits().body().toInt(),
            deadlines,
            config.bodyIdleTimeout(),
            config.bodyTimeout());
    return new Door(
        new CompletionHandler(bodies, reader, pipeline.first(), writer, shared.observer()),
        new ModelsHandler(pipeline.models()::list, pipeline.models()::one, writer),
        new PassThrough(vertx, shared.upstreams().origins(shared.loops()), shared.observer()),
        writer,
        new Gate(shared.doorSettings()));
  }

  /** Uses new certificates for new connections, on all event loops. */
  Future<?> renew(ServerSSLOptions tls) {
    return server.updateSSLOptions(tls, true);
  }

  int port() {
    return server.actualPort();
  }

  /** Takes nothing new and lets what is under way finish, for a while. */
  @Override
  public Future<?> stop() {
    lagWatch.run();
    return server.shutdown(GRACE_SECONDS, TimeUnit.SECONDS).eventually(pipeline::close);
  }
}
