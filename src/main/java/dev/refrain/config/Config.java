package dev.refrain.config;

import dev.refrain.keys.KeySettings;
import dev.refrain.management.ManagementSettings;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import dev.refrain.upstream.RetrySettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that can be set; valid once it exists. Its shape is that of {@code conf/refrain.yaml}, key by
 * key, and the meaning of each key, its unit and its range stand there.
 *
 * @param server the public port
 * @param management the management port
 * @param upstreams the upstream servers, in order of preference; at least one
 * @param retry retries
 * @param cache what is kept, and where
 * @param fanout how requests for several choices are made of calls
 * @param limits the largest a request and its answer may be
 * @param keys API keys; without any, no key is required
 * @param metrics how models are counted
 * @param tracing what is told OpenTelemetry
 * @param logging what is said on stderr
 */
public record Config(
    ServerConfig server,
    ManagementSettings management,
    List<UpstreamConfig> upstreams,
    RetrySettings retry,
    CacheConfig cache,
    FanoutConfig fanout,
    LimitsConfig limits,
    List<KeySettings> keys,
    MetricsConfig metrics,
    TracingConfig tracing,
    Logging logging) {

  /** Checks what no section can check alone. */
  public Config {
    Check.that(
        upstreams != null && !upstreams.isEmpty(),
        "upstreams",
        "at least one upstream with a url, in the file or in REFRAIN_UPSTREAM_URL");
    checkNames(upstreams);
    upstreams = List.copyOf(upstreams);
    keys = KeySettings.distinct(keys);
    Check.that(
        management.port() == 0
            || management.port() != server.port()
            || !management.host().equals(server.host()),
        "management.port",
        "another port than server.port");
  }

  /** The same with what is made once for a process as another has it. */
  Config withLastingOf(Config other) {
    return new Config(
        other.server,
        other.management,
        upstreams,
        retry,
        cache.withRedis(other.cache.redis()),
        fanout,
        limits,
        keys,
        metrics,
        other.tracing,
        other.logging);
  }

  private static void checkNames(List<UpstreamConfig> upstreams) {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < upstreams.size(); i++) {
      Check.that(upstreams.get(i) != null, "upstreams[" + i + "]", "a section of keys");
      Check.that(
          names.add(upstreams.get(i).name()), "upstreams[" + i + "].name", "a name of its own");
    }
  }

  /**
   * Section {@code logging}: messages on stderr.
   *
   * @param level the least severe that is
   * @param format how
   * @param access whether there is a line for every request
   */
  public record Logging(Level level, Format format, boolean access) {
    /** Checks what is given. */
    public Logging {
      Check.that(level != null, "level", ExpectedType.of(Level.class));
      Check.that(format != null, "format", ExpectedType.of(Format.class));
    }

    /** Layout of a log message. */
    public enum Format {
      /** For people. */
      PLAIN,
      /** For machines, a line of JSON each. */
      JSON
    }
  }

  /** Severity of a log message, in ascending order. */
  public enum Level {
    /** Every step. */
    TRACE,
    /** What a developer asks for. */
    DEBUG,
    /** What an operator wants to know. */
    INFO,
    /** What may need a look. */
    WARN,
    /** What needs one. */
    ERROR,
    /** Nothing at all. */
    OFF
  }
}
