package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.http.AnswerWriter;
import dev.refrain.http.CompletionHandler;
import dev.refrain.http.Door;
import dev.refrain.http.ModelsHandler;
import dev.refrain.openai.CompletionsLanguage;
import dev.refrain.openai.CompletionsReader;
import dev.refrain.upstream.passthrough.PassThrough;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.TimeUnit;

/** The public port on one event loop, with stages and clients of its own. */
final class ProxyVerticle extends VerticleBase {
  private static final int GRACE_SECONDS = 10;

  private final Shared shared;
  private Pipeline pipeline;
  private Runnable lagWatch;
  private HttpServer server;

  ProxyVerticle(Shared shared) {
    this.shared = shared;
  }

  @Override
  public Future<?> start() {
    Config.Server door = shared.config().server();
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(door.host())
            .setPort(port(door))
            .setTcpNoDelay(true)
            .setMaxHeaderSize(32 * 1024)
            .setMaxInitialLineLength(8 * 1024);
    pipeline = new Pipeline(vertx, shared);
    lagWatch = shared.lag().watch(vertx);
    server = vertx.createHttpServer(options).requestHandler(door());
    return server.listen();
  }

  // Below zero it is one free port for all event loops; zero would be one for each.
  private static int port(Config.Server door) {
    return door.port() == 0 ? -1 : door.port();
  }

  private Door door() {
    CompletionsReader reader =
        new CompletionsReader(
            shared.bounds(),
            shared.repetition(),
            new Directions(shared.config().upstreams(), shared.routes()),
            shared.config().cache().enabled(),
            new CompletionsLanguage());
    AnswerWriter writer = new AnswerWriter(shared.observer(), System::currentTimeMillis);
    int bodyLimit = shared.config().limits().body().toInt();
    return new Door(
        new CompletionHandler(bodyLimit, reader, pipeline.first(), writer, shared.observer()),
        new ModelsHandler(pipeline.models()::list, pipeline.models()::one, writer),
        new PassThrough(vertx, shared.origins(), shared.observer()),
        writer);
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
