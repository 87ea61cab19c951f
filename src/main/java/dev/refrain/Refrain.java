package dev.refrain;

import dev.refrain.binding.ServerCertificates;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigChange;
import dev.refrain.config.ServerConfig;
import dev.refrain.inference.Fingerprint;
import dev.refrain.keys.Key;
import dev.refrain.keys.Key.KeyDenial;
import dev.refrain.keys.Key.KeyUsage;
import dev.refrain.logging.Logging;
import dev.refrain.management.ManagementServices;
import dev.refrain.management.ManagementVerticle;
import dev.refrain.management.Savings;
import dev.refrain.metrics.BudgetGauges;
import dev.refrain.metrics.ConfigMeters;
import dev.refrain.metrics.Gauges;
import dev.refrain.metrics.JvmMeters;
import dev.refrain.metrics.KeyMeters;
import dev.refrain.metrics.MemoryMeters;
import dev.refrain.metrics.MeterSettings;
import dev.refrain.metrics.Registry;
import dev.refrain.metrics.UpstreamGauges;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.runtime.ConfigFile;
import dev.refrain.runtime.ConfigReloader;
import dev.refrain.runtime.Health;
import dev.refrain.runtime.Health.Readiness;
import dev.refrain.runtime.Strain;
import dev.refrain.runtime.Version;
import dev.refrain.upstream.Upstream;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** One running proxy: a public port on every event loop, and a management port. */
public final class Refrain {
  /** The longest that the start waits for the disk, which opens beside the rest. */
  private static final long DISK_MILLIS = 150;

  /** The longest that the end waits for traces to be sent and answers to be stored. */
  private static final long FLUSH_MILLIS = 2_000;

  private final Vertx vertx;
  private final PrometheusMeterRegistry registry;
  private final ProcessState process;
  private final List<EndpointDefinition> api;
  private final ServerCertificates certificates;
  private final JvmMeters jvm;
  private final Strain strain;
  private final UpstreamGauges upstreams;
  private final KeyMeters keys;
  private final BudgetGauges budgets;
  private final ConfigReloader configReloader;
  private final ManagementVerticle management;
  private final List<ProxyVerticle> doors = new CopyOnWriteArrayList<>();
  private volatile ConfigGeneration generation;
  private volatile Readiness readiness = Readiness.STARTING;
  private String door;
  private Future<Void> stopped;

  private Refrain(
      Vertx vertx,
      PrometheusMeterRegistry registry,
      List<EndpointDefinition> api,
      ConfigGeneration generation,
      ConfigFile file,
      LongSupplier time) {
    this.vertx = vertx;
    this.registry = registry;
    this.api = api;
    this.generation = generation;
    process = ProcessState.of(generation, registry, api, time);
    certificates = new ServerCertificates(generation.config().server().tls());
    jvm = new JvmMeters(registry);
    upstreams = new UpstreamGauges(registry);
    keys = new KeyMeters(registry);
    budgets = new BudgetGauges(registry);
    show(generation);
    measure(registry);
    ConfigMeters meters = new ConfigMeters(registry, this::isReady);
    configReloader = new ConfigReloader(vertx, file, this::take, meters);
    strain = new Strain(process.budget(), process.lag()::overdue, System::nanoTime);
    management =
        new ManagementVerticle(generation.config().management(), registry, managementServices());
  }

  private ManagementServices managementServices() {
    Health health =
        new Health(
            () -> readiness,
            configReloader::health,
            () -> generation.routes(),
            process::diskHealth,
            process.redisGauges()::state,
            strain);
    return new ManagementServices(
        health,
        process.purgeService(),
        configReloader,
        explainer(),
        process.recentRequests(),
        process.savings(),
        () -> new BudgetList(generation.keyring()).json(),
        new StoredEntryList(process.memory()),
        new StoredEntryTransfer(vertx, process, () -> generation),
        this::port);
  }

  private CacheExplainer explainer() {
    return new CacheExplainer(() -> generation, api, process.memory(), this::find, process.clock());
  }

  /** The entry that a tier below the memory would serve; the disk is asked first. */
  private Future<Optional<StoredEntry>> find(Fingerprint fingerprint) {
    return process
        .disk()
        .map(disk -> disk.peek(fingerprint, process.purgeMarks()))
        .orElseGet(() -> Future.succeededFuture(Optional.empty()))
        .compose(
            found ->
                found.isPresent()
                    ? Future.succeededFuture(found)
                    : doors.get(0).find(generation, fingerprint));
  }

  /** The proxy with this configuration, which stays as it is. */
  public static Future<Refrain> start(Config config) {
    return start(config, ConfigFile.NONE);
  }

  /**
   * Starts a proxy with event loops of its own. Fails, with nothing left running, when a port
   * cannot be had.
   *
   * @param file where the configuration came from, and new ones will
   */
  public static Future<Refrain> start(Config config, ConfigFile file) {
    return start(config, file, Api.ENDPOINTS);
  }

  /** Starts a proxy that answers these endpoints; all others pass through. */
  public static Future<Refrain> start(
      Config config, ConfigFile file, List<EndpointDefinition> api) {
    return start(config, file, api, System::currentTimeMillis);
  }

  /**
   * Starts a proxy on a machine with this clock.
   *
   * @param time milliseconds of the epoch
   */
  public static Future<Refrain> start(Config config, LongSupplier time) {
    return start(config, ConfigFile.NONE, Api.ENDPOINTS, time);
  }

  private static Future<Refrain> start(
      Config config, ConfigFile file, List<EndpointDefinition> api, LongSupplier time) {
    int loops = loops(config);
    PrometheusMeterRegistry registry = Registry.open();
    Vertx vertx = vertx(loops);
    // A promise without an event loop: after a failed start no loop is left to complete it.
    Promise<Refrain> started = Promise.promise();
    ConfigGeneration.first(vertx, config, loops)
        .map(generation -> new Refrain(vertx, registry, api, generation, file, time))
        .compose(refrain -> refrain.open(loops).onFailure(cause -> refrain.letGo()))
        .onSuccess(started::complete)
        .onFailure(cause -> vertx.close().onComplete(closed -> started.fail(cause)));
    return started.future();
  }

  private static int loops(Config config) {
    int configured = config.server().eventLoops();
    return configured > 0 ? configured : Runtime.getRuntime().availableProcessors();
  }

  private static Vertx vertx(int loops) {
    VertxOptions options =
        new VertxOptions()
            // One more for the management port, so that a scrape takes no loop of the API.
            .setEventLoopPoolSize(loops + 1)
            .setPreferNativeTransport(true);
    return Vertx.builder().with(options).build();
  }

  private static KeyMeters.Readings readings(KeyUsage usage) {
    Map<String, LongSupplier> refusals = new TreeMap<>();
    for (KeyDenial reason : KeyDenial.values()) {
      refusals.put(reason.label(), () -> usage.refusals(reason));
    }
    return new KeyMeters.Readings(usage::requests, usage::tokens, refusals);
  }

  private void measure(PrometheusMeterRegistry registry) {
    Gauges gauges = new Gauges(registry);
    gauges.bindFlights(process.flights()::size);
    gauges.bindReaders(process.flights()::readers);
    gauges.bindRecordings(process.recordings()::count, process.recordings()::bytes);
    gauges.bindConnections(process.connections()::count);
    gauges.bindMemoryCache(process.memory()::entries, process.memory()::bytes);
    process.disk().ifPresent(disk -> gauges.bindDiskCache(disk::entries, disk::bytes));
    new MemoryMeters(registry, process.budget());
    Registry.registerBuildInfo(registry, Version.number());
  }

  private void show(ConfigGeneration now) {
    for (Upstream each : now.routes().upstreams()) {
      upstreams.bind(
          each.name(),
          new UpstreamGauges.Readings(
              each, each::state, each::active, each::most, each::waiting, each::tries));
    }
    upstreams.retain(now.routes().upstreams().stream().map(Upstream::name).toList());
    now.keyring().keys().forEach(key -> keys.bind(key.name(), readings(key.usage())));
    MeterSettings prices = now.config().metrics();
    if (!prices.prices().isEmpty()) {
      for (Key key : now.keyring().keys()) {
        Savings.Money money = process.savings().ofKey(key.name());
        keys.bindCost(key.name(), prices.currency(), money.paid()::sum, money.saved()::sum);
      }
    }
    budgets.show(new BudgetList(now.keyring()).readings());
    keys.retain(now.keyring().keys().stream().map(Key::name).toList());
  }

  /** Counts what this process could not say for want of room. */
  public void measure(Logging logging) {
    Registry.registerDroppedLogEvents(registry, logging::dropped);
  }

  private Future<Refrain> open(int loops) {
    return certificates
        .load(vertx, this::renew)
        .compose(v -> vertx.deployVerticle(this::door, new DeploymentOptions().setInstances(loops)))
        .onSuccess(id -> door = id)
        .compose(id -> vertx.deployVerticle(management))
        .compose(id -> diskOpened())
        .onSuccess(open -> readiness = Readiness.UP)
        .onSuccess(id -> vertx.setPeriodic(Strain.INTERVAL_MILLIS, timer -> strain.look()))
        .onSuccess(id -> process.keyLimits().keep(vertx))
        .onSuccess(id -> configReloader.watch(generation.config().management().reload()))
        .map(this);
  }

  // What it has may then be served from the first request on.
  private Future<Void> diskOpened() {
    return process
        .disk()
        .map(disk -> disk.opened().timeout(DISK_MILLIS, TimeUnit.MILLISECONDS).otherwiseEmpty())
        .orElseGet(Future::succeededFuture);
  }

  // All event loops share one port, and the first one reports it.
  private Future<?> renew(ServerSSLOptions tls) {
    return isReady() ? doors.get(0).renew(tls) : Future.succeededFuture();
  }

  private ProxyVerticle door() {
    ProxyVerticle made = new ProxyVerticle(process, api, generation, certificates.current());
    doors.add(made);
    return made;
  }

  private boolean isReady() {
    return readiness == Readiness.UP;
  }

  /** Takes a configuration up as far as that goes without a restart; one after the other. */
  private Future<ConfigChange> take(Config wanted) {
    ConfigGeneration before = generation;
    ConfigChange configChange = ConfigChange.of(before.config(), wanted);
    if (configChange.changed().isEmpty()) {
      return Future.succeededFuture(configChange);
    }
    return before
        .next(vertx, configChange.config())
        .compose(next -> take(before, next))
        .map(configChange);
  }

  private Future<?> take(ConfigGeneration before, ConfigGeneration next) {
    generation = next;
    process.adopt(next);
    show(next);
    return Future.all(doors.stream().map(each -> each.take(next)).toList())
        .onComplete(taken -> before.giveWay(next));
  }

  /** Reads the configuration again. Any thread. */
  public void reload() {
    configReloader.reload(); // which says itself what became of it
  }

  /** The public port. */
  public int port() {
    return doors.get(0).port();
  }

  /** The management port. */
  public int managementPort() {
    return management.port();
  }

  /**
   * Ends: says that it is not ready, lets requests in for a while yet, then none, and lets what is
   * under way finish, each for as long as {@code server.drain} says. The second time is the first.
   */
  public synchronized Future<Void> stop() {
    if (stopped == null) {
      stopped = drain();
    }
    return stopped;
  }

  private Future<Void> drain() {
    readiness = Readiness.DRAINING;
    process.connections().close();
    configReloader.close();
    ServerConfig.Drain drain = generation.config().server().drain();
    Promise<Void> ended = Promise.promise(); // of no event loop, because none is left at the end
    pause(drain.delay().toMillis())
        .compose(late -> undeploy())
        .transform(closed -> Future.any(letGo(), vertx.timer(FLUSH_MILLIS)))
        .onComplete(closed -> vertx.close().onComplete(ended));
    return ended.future();
  }

  // Probes use the clients of a port and must end before it closes.
  private Future<Void> undeploy() {
    generation.healthProbes().end();
    return vertx.undeploy(door);
  }

  private Future<?> pause(long millis) {
    return millis == 0 ? Future.succeededFuture() : vertx.timer(millis);
  }

  private Future<?> letGo() {
    process.purgeService().close();
    certificates.close();
    generation.close();
    jvm.close();
    return Future.join(process.flush(), process.keyLimits().close());
  }
}
