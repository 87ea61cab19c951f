package dev.refrain;

import dev.refrain.binding.MemoryBinding;
import dev.refrain.cache.FleetClock;
import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.disk.DiskSettings;
import dev.refrain.cache.disk.DiskTier;
import dev.refrain.cache.disk.OwnerLock;
import dev.refrain.cache.redis.PendingWrites;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ServerConfig;
import dev.refrain.flight.FlightTable;
import dev.refrain.http.AccessLog;
import dev.refrain.http.ConnectionCount;
import dev.refrain.http.FailureLog;
import dev.refrain.http.ServerSettings;
import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.management.RecentRequests;
import dev.refrain.management.Savings;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.metrics.MeteredObserver;
import dev.refrain.metrics.Prices;
import dev.refrain.metrics.RedisGauges;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.recording.Recordings;
import dev.refrain.redis.RedisLog;
import dev.refrain.runtime.KeyLimits;
import dev.refrain.runtime.OpenFiles;
import dev.refrain.runtime.PurgeService;
import dev.refrain.runtime.Version;
import dev.refrain.samples.SampleCounters;
import dev.refrain.tracing.Tracing;
import dev.refrain.tracing.TracingSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * State that all event loops share for the life of the process, across configuration reloads. Safe
 * on any thread.
 */
record ProcessState(
    MemoryBudget budget,
    FleetClock clock,
    MemoryStore memory,
    PurgeMarks purgeMarks,
    Optional<DiskTier> disk,
    PurgeService purgeService,
    PendingWrites pendingWrites,
    KeyLimits keyLimits,
    SampleCounters sampleCounters,
    FlightTable flights,
    ConnectionCount connections,
    EventLoopLag lag,
    RedisLog redisLog,
    FailureLog failureLog,
    RedisGauges redisGauges,
    Recordings recordings,
    RecentRequests recentRequests,
    Savings savings,
    MeteredObserver observer,
    Optional<Tracing> tracing) {

  static ProcessState of(
      ConfigGeneration generation,
      PrometheusMeterRegistry registry,
      List<EndpointDefinition> api,
      LongSupplier time) {
    CacheConfig cache = generation.config().cache();
    FleetClock clock = new FleetClock(time);
    FlightTable flights = new FlightTable(cache.flights(), cache.abandoned(), clock);
    PurgeMarks purgeMarks = new PurgeMarks(generation.purged(), clock, flights::close);
    MemoryStore memory = memory(generation, purgeMarks, clock);
    RecentRequests recentRequests = new RecentRequests(System::currentTimeMillis);
    Savings savings = new Savings(tariff(generation), System::currentTimeMillis);
    MeteredObserver observer =
        new MeteredObserver(
            registry,
            generation.config().metrics(),
            generation.config().servedModels(),
            api.stream().map(EndpointDefinition::endpoint).toList(),
            new Records(recentRequests, savings));
    MemoryBudget budget = new MemoryBinding(generation.config()).budget();
    Optional<DiskTier> disk = disk(generation, purgeMarks, budget, observer);
    return new ProcessState(
        budget,
        clock,
        memory,
        purgeMarks,
        disk,
        purging(generation, purgeMarks, memory, disk, observer),
        new PendingWrites(cache.redis().pendingWrites()),
        new KeyLimits(generation.keyring(), disk.map(tier -> Path.of(cache.disk().path()))),
        samples(cache.samples(), budget),
        flights,
        new ConnectionCount(OpenFiles.connections(generation.config())),
        new EventLoopLag(registry),
        new RedisLog(),
        new FailureLog(),
        new RedisGauges(registry),
        new Recordings(budget),
        recentRequests,
        savings,
        observer,
        tracing(generation));
  }

  private static MemoryStore memory(
      ConfigGeneration generation, PurgeMarks purgeMarks, FleetClock clock) {
    CacheConfig cache = generation.config().cache();
    MemoryStore memory =
        new MemoryStore(
            cache.memory().size().bytes(),
            generation.maxEntry(),
            cache.ttl(),
            cache.grace(),
            clock,
            purgeMarks);
    // Entries dated by the earlier time would outlast purges.
    clock.onSetBack(memory::clear);
    return memory;
  }

  private static PurgeService purging(
      ConfigGeneration generation,
      PurgeMarks purgeMarks,
      MemoryStore memory,
      Optional<DiskTier> disk,
      Observer observer) {
    return new PurgeService(
        purgeMarks,
        memory::count,
        () -> disk.map(DiskTier::durable).orElseGet(Future::succeededFuture),
        generation.config().cache().redis().enabled(),
        generation.fieldRoles(),
        observer);
  }

  private static SampleCounters samples(CacheConfig.Samples settings, MemoryBudget budget) {
    return new SampleCounters(
        budget,
        settings.maxCounters(),
        settings.idle(),
        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  private static Optional<DiskTier> disk(
      ConfigGeneration generation, PurgeMarks purgeMarks, MemoryBudget budget, Observer observer) {
    CacheConfig cache = generation.config().cache();
    if (!cache.enabled() || !cache.disk().enabled()) {
      return Optional.empty();
    }
    DiskSettings settings =
        new DiskSettings(
            Path.of(cache.disk().path()),
            cache.disk().size().bytes(),
            generation.maxEntry(),
            cache.ttl());
    try {
      DiskTier tier = DiskTier.open(settings, purgeMarks, budget, observer);
      purgeMarks.addListener(tier::purged);
      return Optional.of(tier);
    } catch (OwnerLock.InUse taken) {
      throw new ConfigError(
          "cache.disk.path: " + taken.getMessage() + " (expected: a folder of its own)");
    }
  }

  private static Savings.Tariff tariff(ConfigGeneration generation) {
    Prices prices = new Prices(generation.config().metrics());
    return new Savings.Tariff(prices.currency(), prices::costs);
  }

  /** What the management port remembers of requests. */
  private record Records(RecentRequests recentRequests, Savings savings) implements Observer {
    @Override
    public void finished(FinishedRequest request) {
      recentRequests.add(request);
    }

    @Override
    public void answered(InferenceRequest request, Source source, Tokens tokens) {
      savings.answered(request, source, tokens);
    }

    @Override
    public void replicated(InferenceRequest request, int choices, long tokens) {
      savings.copied(request, choices, tokens);
    }
  }

  private static Optional<Tracing> tracing(ConfigGeneration generation) {
    TracingSettings settings = generation.config().tracing();
    // Not in a lambda, which would know the class before it is needed.
    return settings.isOn() ? Optional.of(Tracing.to(settings, Version.number())) : Optional.empty();
  }

  /** Writes the answers that are still to be stored, and sends the traces. */
  Future<?> flush() {
    return Future.join(
        disk.map(DiskTier::close).orElseGet(Future::succeededFuture),
        tracing.isPresent() ? tracing.get().close() : Future.succeededFuture());
  }

  /** How the disk is; empty where there is none. */
  JsonObject diskHealth() {
    return disk.map(
            tier ->
                JsonObject.of(
                    "state", tier.state(), "entries", tier.entries(), "bytes", tier.bytes()))
        .orElseGet(JsonObject::new);
  }

  CallInterceptor interceptor() {
    return tracing.isPresent() ? tracing.get().calls() : CallInterceptor.NONE;
  }

  /** A stage that records requests as traces, if tracing is configured; else the given one. */
  InferenceService traced(InferenceService first) {
    return tracing.isPresent() ? tracing.get().requests(first) : first;
  }

  /** Adopts the limits of another generation. */
  void adopt(ConfigGeneration generation) {
    CacheConfig cache = generation.config().cache();
    new MemoryBinding(generation.config()).bound(budget);
    purgeMarks.retain(generation.purged());
    keyLimits.adopt(generation.keyring());
    purgeService.roles(generation.fieldRoles());
    memory.bound(cache.memory().size().bytes(), generation.maxEntry(), cache.ttl(), cache.grace());
    flights.bound(cache.flights(), cache.abandoned());
    sampleCounters.bound(cache.samples().maxCounters(), cache.samples().idle());
    observer.adopt(generation.config().metrics(), generation.config().servedModels());
    savings.adopt(tariff(generation));
  }

  static ServerSettings serverSettings(ServerConfig door) {
    return new ServerSettings(
        door.requestLine().toInt(),
        door.headerCount(),
        door.headerTimeout(),
        door.keepAliveTimeout(),
        Set.copyOf(door.headers().deny()),
        Set.copyOf(door.headers().hide()));
  }

  static AccessLog accessLog(Config.Logging logging) {
    return new AccessLog(logging.access());
  }

  /**
   * Whether requests must not wait for each other's answers, including while an answer may be
   * purged.
   */
  boolean isNotToBeAwaited(Fingerprint fingerprint) {
    return flights.isUnshareable(fingerprint) || !purgeMarks.isComplete();
  }

  /** The epoch of the latest purge of this request; calls before and after it are not shared. */
  long generation(InferenceRequest request, Shareable key) {
    return purgeMarks.of(key, request.model());
  }
}
