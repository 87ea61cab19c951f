package dev.refrain;

import dev.refrain.cache.Epochs;
import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.redis.PurgeBoard;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Observer;
import dev.refrain.completion.Sharing;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.FanoutConfig;
import dev.refrain.config.LimitsConfig;
import dev.refrain.config.RedisConfig;
import dev.refrain.config.ServerConfig;
import dev.refrain.fanout.FanOutSettings;
import dev.refrain.flight.FlightSettings;
import dev.refrain.flight.FlightSettings.Abandoned;
import dev.refrain.flight.FlightTable;
import dev.refrain.http.DoorSettings;
import dev.refrain.http.Occupancy;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.metrics.MeteredObserver;
import dev.refrain.openai.Bounds;
import dev.refrain.openai.Repetition;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.upstream.AnswerLimits;
import dev.refrain.upstream.Probes;
import dev.refrain.upstream.Routes;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.time.Duration;
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
    Certificates certificates,
    Occupancy occupancy,
    EventLoopLag lag,
    RedisLog redisLog,
    Observer observer) {
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
    Certificates certificates = new Certificates(config);
    Routes routes = new Routes(new UpstreamWords(config, certificates).upstreams());
    return new Shared(
        config,
        loops,
        memory,
        epochs,
        purges,
        flights,
        routes,
        new Probes(routes),
        certificates,
        new Occupancy(config.server().connections()),
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

  /** Who answers, and who is passed what is none of ours. */
  UpstreamWords upstreams() {
    return new UpstreamWords(config, certificates);
  }

  /** The second tier, to be asked only if there is one. */
  RedisWords redisWords() {
    return new RedisWords(config.cache(), loops);
  }

  // Pools do not cross event loops, so each gets its part, and none gets nothing.
  static int share(int all, int loops) {
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

  DoorSettings doorSettings() {
    ServerConfig door = config.server();
    return new DoorSettings(
        door.requestLine().toInt(),
        door.headerCount(),
        door.headerTimeout(),
        door.keepAliveTimeout(),
        Set.copyOf(door.headers().deny()),
        Set.copyOf(door.headers().hide()));
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

  /** On the event loop that owns the link. */
  PurgeBoard purgeBoard(Vertx vertx, RedisLink link) {
    CacheConfig cache = config.cache();
    return new PurgeBoard(vertx, link, cache.redis().prefix(), purged(cache), epochs);
  }
}
