package dev.refrain;

import dev.refrain.binding.ServerOptions;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.cache.redis.EntryProbe;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.ServerConfig;
import dev.refrain.http.BodyReader;
import dev.refrain.http.ConnectionAdmission;
import dev.refrain.http.InferenceHandler;
import dev.refrain.http.KeyAuthenticator;
import dev.refrain.http.ModelsHandler;
import dev.refrain.http.RequestGuard;
import dev.refrain.http.RequestRouter;
import dev.refrain.http.RequestRouter.Handlers;
import dev.refrain.http.ResponseWriter;
import dev.refrain.http.SlowReaders;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.SampleNumbers;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.samples.RunNumbers;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public port on one event loop, with its own stages and clients. */
final class ProxyVerticle extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(ProxyVerticle.class);

  private final ProcessState process;
  private final List<EndpointDefinition> api;
  private final ConfigGeneration first;
  private final ServerSSLOptions tls;
  // The current generation is last; earlier ones stay while requests are in progress in them.
  private final List<Pipeline> pipelines = new ArrayList<>();
  private Context loop;
  private ResponseWriter writer;
  private RequestRouter router;
  private Connections connections;
  private Deadlines deadlines;
  private Runnable lagWatch;
  private HttpServer server;

  /** A port that is not open yet. It opens with this generation. */
  ProxyVerticle(
      ProcessState process,
      List<EndpointDefinition> api,
      ConfigGeneration first,
      ServerSSLOptions tls) {
    this.process = process;
    this.api = api;
    this.first = first;
    this.tls = tls;
  }

  @Override
  public Future<?> start() {
    ServerConfig config = first.config().server();
    loop = context;
    deadlines = new Deadlines(vertx, shortest(config));
    SlowReaders readers =
        new SlowReaders(vertx, process.budget(), config.sendTimeout(), process.observer());
    writer =
        new ResponseWriter(
            process.observer(),
            process.failureLog(),
            process.clock(),
            process.memory()::accepts,
            config.cors(),
            readers);
    router =
        new RequestRouter(
            writer,
            ProcessState.accessLog(first.config().logging()),
            new RequestGuard(ProcessState.serverSettings(config)));
    connections = Connections.open(vertx, first, process);
    lagWatch = process.lag().watch(vertx);
    lead(first);
    server =
        vertx
            .createHttpServer(ServerOptions.of(config, tls))
            .connectionHandler(
                new ConnectionAdmission(
                    ProcessState.serverSettings(config),
                    process.connections(),
                    deadlines,
                    readers,
                    process.observer(),
                    router))
            .requestHandler(router)
            .invalidRequestHandler(router::malformed)
            .exceptionHandler(ProxyVerticle::notMade);
    return redisTried().compose(tried -> server.listen());
  }

  // It is known on whichever loop asked, and a server is of the loop that has it listen.
  private Future<Void> redisTried() {
    Promise<Void> tried = Promise.promise();
    connections
        .tried(process.purgeService(), first.config().cache().redis().connectTimeout())
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

  /** Routes all further requests by this generation. Completes when it does. Any thread. */
  Future<Void> take(ConfigGeneration generation) {
    Promise<Void> taken = Promise.promise();
    loop.runOnContext(
        now -> {
          lead(generation);
          connections.keep(generation);
          taken.complete();
        });
    return taken.future();
  }

  /** The entry that Redis has, by the settings of this generation. Any thread. */
  Future<Optional<StoredEntry>> find(ConfigGeneration generation, Fingerprint fingerprint) {
    if (!generation.isShared() || connections.redis().isEmpty()) {
      return Future.succeededFuture(Optional.empty());
    }
    Promise<Optional<StoredEntry>> found = Promise.promise();
    loop.runOnContext(
        now ->
            new EntryProbe(
                    connections.redis().get().link(),
                    generation.redisBinding().sharedCache(),
                    process.purgeMarks())
                .find(fingerprint)
                .onComplete(found));
    return found.future();
  }

  private void lead(ConfigGeneration generation) {
    Pipeline pipeline =
        new Pipeline(vertx, process, generation, connections, generation.digests(api));
    if (!pipelines.isEmpty()) {
      Pipeline before = pipelines.get(pipelines.size() - 1);
      vertx.setTimer(generation.longest().toMillis(), id -> pipelines.remove(before));
    }
    pipelines.add(pipeline);
    router.handlers(handlers(generation, pipeline));
  }

  private Handlers handlers(ConfigGeneration generation, Pipeline pipeline) {
    Config config = generation.config();
    BodyReader bodies =
        new BodyReader(
            config.limits().body().toInt(),
            process.budget(),
            deadlines,
            config.server().bodyIdleTimeout(),
            config.server().bodyTimeout());
    Map<String, InferenceHandler> handlers = new HashMap<>();
    for (EndpointDefinition each : api) {
      handlers.put(each.endpoint().path(), handler(each, generation, pipeline, bodies));
    }
    return new Handlers(
        Map.copyOf(handlers),
        new ModelsHandler(
            pipeline.modelsService()::list,
            pipeline.modelsService()::one,
            generation.isOneCatalogue(),
            writer),
        new PassThrough(
            vertx,
            connections.passing(),
            generation.origins(),
            config.server().sendTimeout(),
            process.budget(),
            process.observer()),
        generation.isCredentialed(),
        generation.fieldRoles(),
        generation.keyring().isEmpty()
            ? null
            : new KeyAuthenticator(generation.keyring(), process.observer()));
  }

  private InferenceHandler handler(
      EndpointDefinition definition,
      ConfigGeneration generation,
      Pipeline pipeline,
      BodyReader bodies) {
    return new InferenceHandler(
        bodies,
        generation.reader(definition),
        pipeline.first(),
        samples(generation),
        writer,
        process.observer());
  }

  private SampleNumbers samples(ConfigGeneration generation) {
    if (!generation.isShared() || connections.redis().isEmpty()) {
      return new RunNumbers(process.sampleCounters());
    }
    CacheConfig cache = generation.config().cache();
    return new RunNumbers(
        process.sampleCounters(),
        connections.redis().get().link(),
        cache.redis().prefix(),
        cache.redis().timeout(),
        cache.samples().idle());
  }

  /** Uses new certificates for new connections, on all event loops. */
  Future<?> renew(ServerSSLOptions news) {
    return server.updateSSLOptions(news, true);
  }

  int port() {
    return server.actualPort();
  }

  /** Accepts no more requests, and lets those in progress finish, within a bound. */
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
