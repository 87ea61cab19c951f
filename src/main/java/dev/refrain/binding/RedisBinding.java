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
 * The configuration of Redis, in the words of the rooms that use it. Any thread.
 *
 * @param loops how many event loops share what is bounded for the process
 */
public record RedisBinding(CacheConfig cache, int loops) {
  /** Commands beside the writes of the cache that an event loop may have under way. */
  private static final int COMMANDS_IN_FLIGHT = 4096;

  /** For commands that are answered at once. */
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

  /** For reading that blocks: the first command without a reply is one too many. */
  public RedisSettings listening() {
    RedisSettings link = link();
    return new RedisSettings(
        link.servers(), link.connectTimeout(), COMMANDS_IN_FLIGHT, 1, link.breakerPause());
  }

  /** For calls that replicas share. */
  public FleetSettings fleet() {
    RedisConfig redis = cache.redis();
    return new FleetSettings(
        redis.prefix(),
        redis.timeout(),
        redis.lease(),
        cache.flights().maxAge(),
        cache.maxEntry().toInt());
  }

  /** For what is kept. */
  public SharedCacheSettings sharedCache() {
    RedisConfig redis = cache.redis();
    return new SharedCacheSettings(
        redis.timeout(), redis.ttlJitter(), redis.prefix(), cache.ttl(), cache.maxEntry().toInt());
  }
}
