package dev.refrain.config;

import dev.refrain.cache.Verifier.VerifySettings;
import dev.refrain.flight.FlightSettings;
import dev.refrain.flight.FlightSettings.Abandoned;
import dev.refrain.rules.RuleSettings;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import dev.refrain.settings.Size;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Section {@code cache}: which answers are stored, and where.
 *
 * @param enabled whether any answer is stored
 * @param ttl how long an answer stays fresh
 * @param staleIfError how long past that it is served when the upstream fails; 0 is never
 * @param staleWhileRevalidate how long past that it is served while a new one is requested; 0 is
 *     never
 * @param maxEntry the largest answer that is kept
 * @param abandoned policy for a call whose clients have all left
 * @param noStore whether an upstream may forbid that its answer is stored
 * @param rules which calls are stored; the first that applies decides
 * @param headers request fields whose role differs from the default
 * @param samples counters of samples
 * @param flights calls that equal requests share
 * @param verify which stored answers are compared with new ones
 * @param memory the tier in the process
 * @param disk the tier that survives a restart
 * @param redis the tier shared by the fleet
 */
public record CacheConfig(
    boolean enabled,
    Duration ttl,
    Duration staleIfError,
    Duration staleWhileRevalidate,
    Size maxEntry,
    Abandoned abandoned,
    NoStore noStore,
    List<RuleSettings> rules,
    Headers headers,
    Samples samples,
    FlightSettings flights,
    VerifySettings verify,
    Memory memory,
    Disk disk,
    RedisConfig redis) {

  /** Checks the ranges. */
  public CacheConfig {
    Check.duration("ttl", ttl, Duration.ofDays(365));
    Check.durationOrNone("staleIfError", staleIfError, Duration.ofDays(365));
    Check.durationOrNone("staleWhileRevalidate", staleWhileRevalidate, Duration.ofDays(365));
    Check.size("maxEntry", maxEntry, Size.gibibytes(1));
    Check.that(noStore != null, "noStore", ExpectedType.of(NoStore.class));
    rules = RuleSettings.distinct(rules);
    Check.that(abandoned != null, "abandoned", ExpectedType.of(Abandoned.class));
  }

  /** The longest that an answer is kept past its time. */
  public Duration grace() {
    return staleIfError.compareTo(staleWhileRevalidate) > 0 ? staleIfError : staleWhileRevalidate;
  }

  /** The longest that an answer is fresh by any rule. */
  public Duration longestTtl() {
    return rules.stream()
        .map(RuleSettings::ttl)
        .filter(Objects::nonNull)
        .reduce(ttl, (one, other) -> one.compareTo(other) > 0 ? one : other);
  }

  /** The same beside the tiers of another. */
  CacheConfig withTiersOf(CacheConfig other) {
    return new CacheConfig(
        enabled,
        ttl,
        staleIfError,
        staleWhileRevalidate,
        maxEntry,
        abandoned,
        noStore,
        rules,
        headers,
        samples,
        flights,
        verify,
        memory,
        other.disk,
        other.redis);
  }

  /** Meaning of an upstream's {@code Cache-Control: no-store} or {@code Vary: *}. */
  public enum NoStore {
    /** The answer is not stored. */
    HONOUR,
    /** It is ignored. */
    IGNORE
  }

  /**
   * Request fields whose role differs from the default; globs of names, in any case.
   *
   * @param ignore do not affect answers
   * @param key are part of the fingerprint
   * @param scope identify the caller
   */
  public record Headers(List<String> ignore, List<String> key, List<String> scope) {
    /** Checks the globs. */
    public Headers {
      ignore = Check.headerGlobs("ignore", ignore);
      key = Check.headerGlobs("key", key);
      scope = Check.headerGlobs("scope", scope);
    }
  }

  /**
   * Counters that number equal requests whose answers are drawn apart.
   *
   * @param maxCounters of runs in this process, and as many of slots
   * @param idle how long one is kept that is not used
   */
  public record Samples(int maxCounters, Duration idle) {
    /** Checks the ranges. */
    public Samples {
      Check.range("maxCounters", maxCounters, 1, 1_048_576);
      Check.duration("idle", idle, Duration.ofDays(365));
    }
  }

  /**
   * The tier in the process.
   *
   * @param size most bytes of all entries together
   */
  public record Memory(Size size) {
    /** Checks the range. */
    public Memory {
      Check.size("size", size, Size.gibibytes(1024));
    }
  }

  /**
   * The tier that survives a restart.
   *
   * @param path its folder; empty is none
   * @param size what its files may weigh together
   */
  public record Disk(String path, Size size) {
    private static final Size LEAST = Size.bytes(32L << 20);

    /** Checks the range. */
    public Disk {
      path = path == null ? "" : path;
      Check.size("size", size, Size.gibibytes(1024));
      Check.that(
          size.bytes() >= LEAST.bytes(), "size", "at least " + LEAST.bytes() / (1 << 20) + "MiB");
    }

    /** Whether there is one. */
    public boolean enabled() {
      return !path.isEmpty();
    }
  }
}
