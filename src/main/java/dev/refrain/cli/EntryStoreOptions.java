package dev.refrain.cli;

import dev.refrain.binding.RedisBinding;
import dev.refrain.cache.disk.DiskFolder;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import dev.refrain.config.ConfigLoader;
import dev.refrain.config.RedisConfig;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Where the entries are that a command is about: one place. */
final class EntryStoreOptions {
  private static final int PENDING = 4096;

  /** No request waits for a command of an operator. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Option(names = "--path", paramLabel = "DIR", description = "A folder (cache.disk.path).")
  private Path path;

  @Option(
      names = "--redis",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "URL",
      description = "A Redis; without a URL, cache.redis of the configuration.")
  private String redis;

  @Option(
      names = "--url",
      arity = "0..1",
      fallbackValue = "",
      paramLabel = "URL",
      description =
          "A running instance: its management port; without a URL, http://127.0.0.1:9090.")
  private String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "The token of that port (default: REFRAIN_MANAGEMENT_TOKEN).")
  private String token;

  @Option(names = "--token-file", paramLabel = "FILE", description = "A file that holds it.")
  private Path tokenFile;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration; its folder is used if no place is given.")
  private Path file;

  /**
   * Opens the place.
   *
   * @param changing whether a folder is to be changed
   */
  EntryStore open(Map<String, String> env, boolean changing) {
    if (Stream.of(path, redis, url).filter(place -> place != null).count() > 1) {
      throw new ConfigError("expected: one of --path, --redis and --url");
    }
    Config config = config(env);
    CacheConfig cache = config.cache();
    if (url != null) {
      return new InstanceStore(
          base(env), secret(env), cache.ttl().toMillis(), cache.maxEntry().toInt());
    }
    if (redis != null) {
      return redis(cache);
    }
    Path folder = path == null ? folder(cache) : path;
    try {
      return new FolderStore(
          changing ? DiskFolder.owning(folder) : DiskFolder.reading(folder), cache);
    } catch (DiskFolder.Unusable unusable) {
      throw new EntryStore.Unusable(unusable.getMessage());
    }
  }

  /** That of the file or of the environment; these commands need no upstream. */
  private Config config(Map<String, String> env) {
    Optional<Path> named = ConfigLoader.path(Optional.ofNullable(file), env);
    return named.isPresent()
        ? ConfigLoader.load(named, env)
        : ConfigLoader.load(named, ConfigLoader.withOptions(env, "http://localhost", null));
  }

  private static Path folder(CacheConfig cache) {
    if (!cache.disk().enabled()) {
      throw new ConfigError(
          "cache.disk.path: empty (expected: a folder, or --path, --redis or --url)");
    }
    return Path.of(cache.disk().path());
  }

  private EntryStore redis(CacheConfig cache) {
    RedisBinding binding = new RedisBinding(cache, 1);
    RedisConfig settings = cache.redis();
    if (redis.isEmpty() && !settings.enabled()) {
      throw new ConfigError("cache.redis.url: empty (expected: a URL, or --redis=URL)");
    }
    if (redis.isEmpty() && settings.mode() == RedisConfig.Mode.CLUSTER) {
      throw new ConfigError("--redis: expected: the URL of one server; a cluster is not scanned");
    }
    return RedisStore.open(
        patient(redis.isEmpty() ? binding.link().servers() : server(), settings),
        binding.sharedCache(),
        cache.longestTtl().plus(cache.grace()));
  }

  private static RedisSettings patient(Servers servers, RedisConfig settings) {
    return new RedisSettings(
        servers, PATIENCE, PENDING, settings.breaker().failures(), settings.breaker().pause());
  }

  private Servers server() {
    try {
      return new Servers.Single(redis);
    } catch (IllegalArgumentException noUrl) {
      throw new ConfigError("--redis: expected: redis://, rediss:// or unix://");
    }
  }

  private String base(Map<String, String> env) {
    String port = env.getOrDefault("REFRAIN_MANAGEMENT_PORT", "9090");
    return url.isEmpty() ? "http://127.0.0.1:" + port : url.replaceAll("/+$", "");
  }

  private String secret(Map<String, String> env) {
    if (token != null) {
      return token;
    }
    if (tokenFile == null) {
      return env.getOrDefault("REFRAIN_MANAGEMENT_TOKEN", "");
    }
    try {
      return Files.readString(tokenFile).strip();
    } catch (IOException unreadable) {
      throw new ConfigError("--token-file: the file cannot be read");
    }
  }
}
