package dev.refrain;

import dev.refrain.cache.Epochs;
import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.redis.PurgeBoard;
import dev.refrain.cache.redis.SharedCacheSettings;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Sharing;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.FanoutConfig;
import dev.refrain.config.LimitsConfig;
import dev.refrain.config.RedisConfig;
import dev.refrain.config.RetryConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.fanout.FanOutSettings;
import dev.refrain.flight.FlightSettings;
import dev.refrain.flight.FlightSettings.Abandoned;
import dev.refrain.flight.FlightTable;
import dev.refrain.flight.fleet.FleetSettings;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.metrics.MeteredObserver;
import dev.refrain.openai.Bounds;
import dev.refrain.openai.Repetition;
import dev.refrain.redis.Endpoint;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.redis.Servers.Login;
import dev.refrain.upstream.AnswerLimits;
import dev.refrain.upstream.Probes;
import dev.refrain.upstream.RetrySettings;
import dev.refrain.upstream.Routes;
import dev.refrain.upstream.Standing;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.Upstream;
import dev.refrain.upstream.passthrough.Origin;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the event loops of one process have in common, and the configuration in the words of the
 * rooms. Safe on any thread.
 *
 * @param loops how many event loops share what is bounded for the process
 */
record Shared(
    Config config,
    int loops,
    MemoryStore memory,
    Epochs epochs,
    Purges purges,
    FlightTable flights,
    Routes routes,
    Probes probes,
    EventLoopLag lag,
    RedisLog redisLog,
    Observer observer) {
  /** Commands beside the writes of the cache that an event loop may have under way. */
  private static final int COMMANDS_IN_FLIGHT = 4096;

  /** Time for the refusals of calls that began together to come in. */
  private static final Duration PATIENCE = Duration.ofMillis(25);

  static Shared of(Config config, int loops, MeterRegistry registry) {
    CacheConfig cache = config.cache();
    FlightTable flights = new FlightTable(flights(cache));
    Epochs epochs = new Epochs(purged(cache), System::currentTimeMillis, flights::close);
    MemoryStore memory =
        new MemoryStore(
            cache.memory().size().bytes(),
            cache.maxEntry().toInt(),
            cache.ttl(),
            cache.grace(),
            System::currentTimeMillis,
            epochs);
    Observer observer = new MeteredObserver(registry);
    Purges purges = new Purges(epochs, cache.enabled() && cache.redis().enabled(), observer);
    RetrySettings retry = retry(config.retry());
    List<Upstream> upstreams =
        config.upstreams().stream()
            .map(upstream -> new Upstream(target(upstream, 1), standing(upstream), retry))
            .toList();
    Routes routes = new Routes(upstreams);
    return new Shared(
        config,
        loops,
        memory,
        epochs,
        purges,
        flights,
        routes,
        new Probes(routes),
        new EventLoopLag(registry),
        new RedisLog(),
        observer);
  }

  // As long as any answer is kept that was asked for before the clock of whoever purged it.
  private static Duration purged(CacheConfig cache) {
    return cache.ttl().plus(cache.grace()).plus(Purges.SKEW);
  }

  private static FlightSettings flights(CacheConfig cache) {
    Abandoned abandoned =
        switch (cache.abandoned()) {
          case CANCEL -> Abandoned.CANCEL;
          case FINISH -> Abandoned.FINISH;
        };
    CacheConfig.Flights flights = cache.flights();
    return new FlightSettings(flights.most(), flights.maxAge(), flights.hitForMiss(), abandoned);
  }

  private static Target target(UpstreamConfig upstream, int loops) {
    return new Target(
        upstream.name(),
        upstream.url(),
        upstream.models(),
        upstream.apiKey().isPresent() ? upstream.apiKey().value() : null,
        upstream.connectTimeout(),
        upstream.firstByteTimeout(),
        upstream.idleTimeout(),
        upstream.totalTimeout(),
        share(upstream.connections(), loops),
        share(upstream.waiting(), loops));
  }

  private static Standing standing(UpstreamConfig upstream) {
    return new Standing(
        upstream.aliases(),
        upstream.weight(),
        upstream.priority(),
        upstream.breaker().failures(),
        upstream.breaker().pause(),
        upstream.probe().path(),
        upstream.probe().interval());
  }

  private static RetrySettings retry(RetryConfig retry) {
    return new RetrySettings(
        retry.most(),
        Set.copyOf(retry.on()),
        retry.firstWait(),
        retry.longestWait(),
        retry.retryAfter(),
        retry.budget().share(),
        retry.budget().reserve(),
        System::nanoTime);
  }

  RetrySettings retry() {
    return retry(config.retry());
  }

  /** Who may be passed what is none of ours. */
  List<Origin> origins() {
    return config.upstreams().stream()
        .map(upstream -> new Origin(target(upstream, loops), upstream.paths()))
        .toList();
  }

  // Pools do not cross event loops, so each gets its part, and none gets nothing.
  private static int share(int all, int loops) {
    return Math.max(1, all / loops);
  }

  Bounds bounds() {
    LimitsConfig limits = config.limits();
    return new Bounds(
        limits.n(),
        limits.bestOf(),
        limits.logprobs(),
        limits.temperature(),
        config.fanout().maxElements());
  }

  Repetition repetition() {
    return switch (config.fanout().deterministic()) {
      case REPLICATE -> Repetition.REPLICATE;
      case EACH -> Repetition.EACH;
      case NATIVE -> Repetition.NATIVE;
    };
  }

  AnswerLimits answerLimits() {
    return new AnswerLimits(config.limits().answer().toInt(), config.limits().event().toInt());
  }

  FanOutSettings fanOut() {
    FanoutConfig fanout = config.fanout();
    return new FanOutSettings(
        fanout.concurrency(), fanout.timeout(), config.limits().answer().bytes(), PATIENCE);
  }

  int maxEntry() {
    return config.cache().maxEntry().toInt();
  }

  Optional<RedisConfig> redis() {
    return Optional.of(config.cache().redis())
        .filter(redis -> redis.enabled() && config.cache().enabled());
  }

  RedisSettings redisLink() {
    RedisConfig redis = config.cache().redis();
    return new RedisSettings(
        servers(redis),
        redis.connectTimeout(),
        COMMANDS_IN_FLIGHT + share(redis.pendingWrites(), loops),
        redis.breaker().failures(),
        redis.breaker().pause());
  }

  private static Servers servers(RedisConfig redis) {
    List<Endpoint> nodes = redis.nodes().stream().map(URI::create).map(Endpoint::of).toList();
    Login login = new Login(redis.username(), redis.password().value());
    RedisConfig.Sentinel sentinel = redis.sentinel();
    return switch (redis.mode()) {
      case STANDALONE -> new Servers.Single(redis.url().value());
      case SENTINEL ->
          new Servers.Watched(
              nodes,
              new Login(sentinel.username(), sentinel.password().value()),
              sentinel.master(),
              login,
              sentinel.database(),
              redis.tls());
      case CLUSTER -> new Servers.Cluster(nodes, login, redis.tls());
    };
  }

  /** For reading that blocks: the first command without a reply is one too many. */
  RedisSettings redisListening() {
    RedisSettings link = redisLink();
    return new RedisSettings(
        link.servers(), link.connectTimeout(), COMMANDS_IN_FLIGHT, 1, link.breakerPause());
  }

  /** Whether nobody should wait for another's answer; nor while it may be one that was purged. */
  boolean isNotToBeAwaited(Fingerprint fingerprint) {
    return flights.isUnshareable(fingerprint) || !epochs.isComplete();
  }

  /** The latest purge of what is asked for: calls from before it and after are different ones. */
  long generation(CompletionRequest request) {
    return request.sharing() instanceof Sharing.Shareable shareable
        ? epochs.of(shareable.fingerprint(), request.model(), shareable.scope())
        : 0;
  }

  FleetSettings fleet() {
    RedisConfig redis = config.cache().redis();
    return new FleetSettings(
        redis.prefix(),
        redis.timeout(),
        redis.lease(),
        config.cache().flights().maxAge(),
        maxEntry());
  }

  /** On the event loop that owns the link. */
  PurgeBoard purgeBoard(Vertx vertx, RedisLink link) {
    CacheConfig cache = config.cache();
    return new PurgeBoard(vertx, link, cache.redis().prefix(), purged(cache), epochs);
  }

  SharedCacheSettings sharedCache() {
    RedisConfig redis = config.cache().redis();
    return new SharedCacheSettings(
        redis.timeout(),
        redis.ttlJitter(),
        share(redis.pendingWrites(), loops),
        redis.prefix(),
        config.cache().ttl(),
        maxEntry());
  }
}
