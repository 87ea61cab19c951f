package dev.refrain.config;

import dev.refrain.keys.KeySettings;
import dev.refrain.management.ManagementSettings;
import dev.refrain.metrics.MeterSettings;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import dev.refrain.tracing.TracingSettings;
import dev.refrain.upstream.RetrySettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The whole configuration; valid once it exists. It has the shape of {@code conf/refrain.yaml},
 * which describes the meaning, unit and range of each key.
 *
 * @param server the public port
 * @param management the management port
 * @param upstreams the upstream servers, in order of preference; at least one
 * @param retry retries
 * @param cache which answers are stored, and where
 * @param fanout how requests for several choices become calls
 * @param limits limits of requests and answers
 * @param keys API keys; without any, no key is required
 * @param metrics metrics by model, and prices
 * @param tracing export of traces
 * @param logging messages on stderr
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
    MeterSettings metrics,
    TracingSettings tracing,
    Logging logging) {

  /** Checks that involve several sections. */
  public Config {
    Check.that(
        upstreams != null && !upstreams.isEmpty(),
        "upstreams",
        "at least one upstream with a url, in the file or in REFRAIN_UPSTREAM_URL");
    checkNames(upstreams);
    upstreams = List.copyOf(upstreams);
    keys = KeySettings.distinct(keys);
    for (int i = 0; i < keys.size(); i++) {
      Check.that(
          !keys.get(i).budget().isLimited() || !metrics.prices().isEmpty(),
          "keys[" + i + "].budget",
          "none without metrics.prices, by which money is counted");
    }
    Check.that(
        management.port() == 0
            || management.port() != server.port()
            || !meet(management.host(), server.host()),
        "management.port",
        "another port than server.port");
  }

  // An address of every interface meets any other.
  private static boolean meet(String one, String other) {
    Set<String> all = Set.of("0.0.0.0", "::");
    return one.equals(other) || all.contains(one) || all.contains(other);
  }

  /** The names of the models that upstreams serve, as far as they are given; some are globs. */
  public List<String> servedModels() {
    return upstreams.stream()
        .flatMap(
            upstream ->
                Stream.concat(
                    upstream.models().stream(), upstream.aliases().keySet().stream().sorted()))
        .toList();
  }

  /** The same with the sections of another that take effect only at a start. */
  Config withLastingOf(Config other) {
    return new Config(
        other.server,
        other.management,
        upstreams,
        retry,
        cache.withTiersOf(other.cache),
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
   * @param level lowest severity that is logged
   * @param format layout of a line
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
    /** Details for developers. */
    DEBUG,
    /** Normal operation. */
    INFO,
    /** Something that may need attention. */
    WARN,
    /** Something that needs attention. */
    ERROR,
    /** Nothing at all. */
    OFF
  }
}
