package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.management.ManagementSettings;
import dev.refrain.management.ManagementVerticle;
import dev.refrain.metrics.Gauges;
import dev.refrain.metrics.JvmMeters;
import dev.refrain.metrics.UpstreamGauges;
import dev.refrain.upstream.Upstream;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** One running proxy: a public port on every event loop, and a management port. */
public final class Refrain {
  private static final Set<String> NOT_MEASURED =
      EnumSet.complementOf(EnumSet.of(MetricsDomain.HTTP_CLIENT)).stream()
          .map(MetricsDomain::toCategory)
          .collect(Collectors.toSet());

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
            new ManagementSettings(
                door.host(), door.port(), door.token().isPresent() ? door.token().value() : null),
            registry,
            () -> ready,
            shared.purges());
    vertx = vertx(registry);
  }

  private Vertx vertx(PrometheusMeterRegistry registry) {
    // Of Vert.x' own metrics only those of its clients, which tell how many calls wait for a
    // connection. Those of its servers cost a hit more than the hit, and the caller chooses labels.
    MicrometerMetricsOptions clients =
        new MicrometerMetricsOptions().setEnabled(true).setDisabledMetricsCategories(NOT_MEASURED);
    VertxOptions options =
        new VertxOptions()
            // One more for the management port, so that a scrape takes no loop of the API.
            .setEventLoopPoolSize(loops + 1)
            .setPreferNativeTransport(true)
            .setMetricsOptions(clients);
    return Vertx.builder()
        .with(options)
        .withMetrics(new MicrometerMetricsFactory(registry))
        .build();
  }

  private void measure(PrometheusMeterRegistry registry) {
    Gauges gauges = new Gauges(registry);
    gauges.bindFlights(shared.flights()::size);
    gauges.bindConnections(shared.occupancy()::count);
    gauges.bindMemoryCache(shared.memory()::entries, shared.memory()::bytes);
    UpstreamGauges upstreams = new UpstreamGauges(registry);
    for (Upstream each : shared.routes().upstreams()) {
      upstreams.bind(each.name(), each::state, each::active, each::waiting, each::tries);
    }
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
    return shared
        .certificates()
        .load(vertx, this::renew)
        .compose(v -> deployDoors())
        .compose(id -> vertx.deployVerticle(management))
        .onSuccess(id -> ready = true);
  }

  // The doors of all event loops are one to the outside, and the first speaks for them.
  private Future<?> renew(ServerSSLOptions tls) {
    return ready ? doors.get(0).renew(tls) : Future.succeededFuture();
  }

  private Future<?> deployDoors() {
    return vertx.deployVerticle(this::door, new DeploymentOptions().setInstances(loops));
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
    shared.purges().close();
    shared.certificates().close();
    return vertx.close().onComplete(v -> jvm.close());
  }
}
