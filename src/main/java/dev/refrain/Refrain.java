package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.management.ManagementSettings;
import dev.refrain.management.ManagementVerticle;
import dev.refrain.metrics.Gauges;
import dev.refrain.metrics.JvmMeters;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** One running proxy: a public port on every event loop, and a management port. */
public final class Refrain {
  private final Vertx vertx;
  private final int loops;
  private final Shared shared;
  private final JvmMeters jvm;
  private final ManagementVerticle management;
  private final List<ProxyVerticle> doors = new CopyOnWriteArrayList<>();
  private volatile boolean ready;

  private Refrain(Config config) {
    loops = loops(config);
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    shared = Shared.of(config, loops, registry);
    jvm = new JvmMeters(registry);
    measure(registry);
    Config.Management door = config.management();
    management =
        new ManagementVerticle(
            new ManagementSettings(door.host(), door.port()), registry, () -> ready);
    vertx =
        Vertx.vertx(
            // One more for the management port, so that a scrape takes no loop of the API.
            new VertxOptions().setEventLoopPoolSize(loops + 1).setPreferNativeTransport(true));
  }

  private void measure(PrometheusMeterRegistry registry) {
    Gauges gauges = new Gauges(registry);
    gauges.bindFlights(shared.flights()::size);
    gauges.bindMemoryCache(shared.memory()::entries, shared.memory()::bytes);
  }

  /**
   * Starts a proxy with event loops of its own. Fails, with nothing left running, when a port
   * cannot be had.
   */
  public static Future<Refrain> start(Config config) {
    Refrain refrain = new Refrain(config);
    // A promise of no event loop: after a failed start there is no loop left to tell of it.
    Promise<Refrain> started = Promise.promise();
    refrain
        .deploy()
        .onSuccess(id -> started.complete(refrain))
        .onFailure(cause -> refrain.stop().onComplete(v -> started.fail(cause)));
    return started.future();
  }

  private static int loops(Config config) {
    int configured = config.server().eventLoops();
    return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
  }

  private Future<?> deploy() {
    return vertx
        .deployVerticle(this::door, new DeploymentOptions().setInstances(loops))
        .compose(id -> vertx.deployVerticle(management))
        .onSuccess(id -> ready = true);
  }

  private ProxyVerticle door() {
    ProxyVerticle door = new ProxyVerticle(shared);
    doors.add(door);
    return door;
  }

  /** The public port. */
  public int port() {
    return doors.get(0).port();
  }

  /** The management port. */
  public int managementPort() {
    return management.port();
  }

  /** Stops listening, lets what is under way finish for a while, and ends. */
  public Future<Void> stop() {
    ready = false;
    return vertx.close().onComplete(v -> jvm.close());
  }
}
