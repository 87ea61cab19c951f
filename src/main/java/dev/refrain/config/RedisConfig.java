package dev.refrain.config;

import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import dev.refrain.settings.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The tier shared by the fleet.
 *
 * @param mode topology: one server, sentinels or a cluster
 * @param url stand-alone: {@code redis://} or {@code rediss://}; may hold a password; {@link
 *     Secret#NONE} is no Redis
 * @param nodes else: URLs of the sentinels, or of some of the cluster's servers
 * @param username for the servers found through {@code nodes}; empty is the default one
 * @param password likewise
 * @param sentinel access to the sentinels
 * @param timeout longest wait for one lookup
 * @param connectTimeout longest wait for a connection
 * @param ttlJitter share of the time to live, 0 to 1, by which it is shortened at random
 * @param pendingWrites most writes in flight or waiting
 * @param prefix first part of every key
 * @param fleet whether replicas share running calls
 * @param lease how long the leader of a call counts as alive after its last renewal
 * @param breaker circuit breaker
 */
public record RedisConfig(
    Mode mode,
    Secret url,
    List<String> nodes,
    String username,
    Secret password,
    Sentinel sentinel,
    Duration timeout,
    Duration connectTimeout,
    double ttlJitter,
    int pendingWrites,
    String prefix,
    boolean fleet,
    Duration lease,
    Breaker breaker) {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Checks the ranges, and that what is given fits the mode. */
  public RedisConfig {
    url = url == null ? Secret.NONE : url;
    nodes = Check.texts("nodes", nodes);
    username = username == null ? "" : username;
    password = password == null ? Secret.NONE : password;
    Check.that(mode != null, "mode", ExpectedType.of(Mode.class));
    if (mode == Mode.STANDALONE) {
      Check.redisUrl("url", url);
      checkStandalone(nodes, username, password);
    } else {
      Check.that(!url.isPresent(), "url", "empty: mode " + mode.label() + " takes nodes");
      Check.redisNodes("nodes", nodes);
      checkLogin("", username, password);
    }
    checkSentinel(mode, sentinel);
    Check.duration("timeout", timeout, LONGEST);
    Check.duration("connectTimeout", connectTimeout, LONGEST);
    Check.range("ttlJitter", ttlJitter, 0, 1);
    Check.range("pendingWrites", pendingWrites, 1, 1_048_576);
    Check.duration("lease", lease, LONGEST);
    Check.name(
        "prefix", prefix, "[A-Za-z0-9._:-]{1,64}", "1 to 64 letters, digits, '.', '_', ':' or '-'");
  }

  private static void checkStandalone(List<String> nodes, String username, Secret password) {
    Check.that(nodes.isEmpty(), "nodes", "none: mode standalone takes url");
    Check.that(username.isEmpty(), "username", "empty: mode standalone takes it from url");
    Check.that(!password.isPresent(), "password", "empty: mode standalone takes it from url");
  }

  private static void checkLogin(String section, String username, Secret password) {
    Check.that(
        username.isEmpty() || password.isPresent(),
        section + "password",
        "one for " + section + "username");
  }

  private static void checkSentinel(Mode mode, Sentinel sentinel) {
    if (mode == Mode.SENTINEL) {
      Check.text("sentinel.master", sentinel.master());
      checkLogin("sentinel.", sentinel.username(), sentinel.password());
    } else {
      Check.that(sentinel.isNothing(), "sentinel", "nothing in it, or mode sentinel");
    }
  }

  /** Whether Redis is configured. */
  public boolean enabled() {
    return mode != Mode.STANDALONE || url.isPresent();
  }

  /**
   * Whether connections to servers found through {@code nodes} use TLS, as those to the nodes do.
   */
  public boolean tls() {
    return URI.create(nodes.get(0)).getScheme().equals("rediss");
  }

  /** Topology of Redis: one server, sentinels or a cluster. */
  public enum Mode {
    /** One, at a known address. */
    STANDALONE,
    /** A master that sentinels know, and replicas of it that may take its place. */
    SENTINEL,
    /** Masters that each have a part of the keys, and know each other. */
    CLUSTER;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Access to the sentinels and to the master that they report.
   *
   * @param master the name they know the master by
   * @param username for the sentinels themselves; empty is the default one
   * @param password likewise
   * @param database number of the master's database
   */
  public record Sentinel(String master, String username, Secret password, int database) {
    /** Checks the range. */
    public Sentinel {
      master = master == null ? "" : master;
      username = username == null ? "" : username;
      password = password == null ? Secret.NONE : password;
      Check.range("database", database, 0, 65_535);
    }

    private boolean isNothing() {
      return master.isEmpty() && username.isEmpty() && !password.isPresent() && database == 0;
    }
  }

  /**
   * Circuit breaker for Redis.
   *
   * @param failures in a row that open it
   * @param pause how long it stays open before one lookup tries again
   */
  public record Breaker(int failures, Duration pause) {
    /** Checks the ranges. */
    public Breaker {
      Check.range("failures", failures, 1, 1_000_000);
      Check.duration("pause", pause, Duration.ofHours(1));
    }
  }
}
