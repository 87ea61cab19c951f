package dev.refrain.binding;

import dev.refrain.cache.redis.SharedCacheSettings;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.RedisConfig;
import dev.refrain.flight.fleet.FleetCoalescer.FleetSettings;
import dev.refrain.redis.Endpoint;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.redis.Servers.Login;
import java.net.URI;
import java.util.List;

/**
 * Maps the configuration of Redis to the settings of the rooms that use it. Any thread.
 *
 * @param loops number of event loops that share the bounds of the process
 */
public record RedisBinding(CacheConfig cache, int loops) {
  /** Commands besides the writes of the cache that an event loop may have in flight. */
  private static final int COMMANDS_IN_FLIGHT = 4096;

  /** For commands that Redis answers at once. */
  public RedisSettings link() {
    RedisConfig redis = cache.redis();
    return new RedisSettings(
        servers(redis),
        redis.connectTimeout(),
        COMMANDS_IN_FLIGHT + UpstreamBinding.share(redis.pendingWrites(), loops),
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

  /** For blocking reads: one command without a reply opens the breaker. */
  public RedisSettings listening() {
    RedisSettings link = link();
    return new RedisSettings(
        link.servers(), link.connectTimeout(), COMMANDS_IN_FLIGHT, 1, link.breakerPause());
  }

  /** Settings of calls that replicas share. */
  public FleetSettings fleet() {
    RedisConfig redis = cache.redis();
    return new FleetSettings(
        redis.prefix(),
        redis.timeout(),
        redis.lease(),
        cache.flights().maxAge(),
        cache.maxEntry().toInt());
  }

  /** Settings of the shared cache. */
  public SharedCacheSettings sharedCache() {
    RedisConfig redis = cache.redis();
    return new SharedCacheSettings(
        redis.timeout(), redis.ttlJitter(), redis.prefix(), cache.ttl(), cache.maxEntry().toInt());
  }
}
