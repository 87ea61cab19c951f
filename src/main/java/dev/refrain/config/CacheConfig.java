package dev.refrain.config;

import java.time.Duration;

/**
 * What is kept, and where.
 *
 * @param enabled whether anything is
 * @param ttl how long an answer stays fresh
 * @param staleIfError how long past that it is served when the upstream fails; 0 is never
 * @param staleWhileRevalidate how long past that it is served while a new one is asked for; 0 is
 *     never
 * @param maxEntry the largest answer that is kept
 * @param abandoned what becomes of a call that nobody waits for any more
 * @param flights calls that equal requests share
 * @param memory the tier in the process
 * @param redis the tier shared by the fleet
 */
public record CacheConfig(
    boolean enabled,
    Duration ttl,
    Duration staleIfError,
    Duration staleWhileRevalidate,
    Size maxEntry,
    Abandoned abandoned,
    Flights flights,
    Memory memory,
    Redis redis) {

  /** Checks the ranges. */
  public CacheConfig {
    Check.duration("ttl", ttl, Duration.ofDays(365));
    Check.durationOrNone("staleIfError", staleIfError, Duration.ofDays(365));
    Check.durationOrNone("staleWhileRevalidate", staleWhileRevalidate, Duration.ofDays(365));
    Check.size("maxEntry", maxEntry, Size.gibibytes(1));
    Check.that(abandoned != null, "abandoned", Expected.of(Abandoned.class));
  }

  /** The longest that an answer is kept past its time. */
  public Duration grace() {
    return staleIfError.compareTo(staleWhileRevalidate) > 0 ? staleIfError : staleWhileRevalidate;
  }

  /** What becomes of a call that nobody waits for any more. */
  public enum Abandoned {
    /** It is ended: what is not wanted is not paid for. */
    CANCEL,
    /** It goes on, so that its answer can be kept. */
    FINISH
  }

  /**
   * Calls that equal requests share.
   *
   * @param most at once in this process
   * @param maxAge how long one may be joined
   * @param hitForMiss how long requests do not wait for each other whose answer turned out not to
   *     be shareable
   */
  public record Flights(int most, Duration maxAge, Duration hitForMiss) {
    /** Checks the ranges. */
    public Flights {
      Check.range("most", most, 1, 1_048_576);
      Check.duration("maxAge", maxAge, Duration.ofDays(1));
      Check.duration("hitForMiss", hitForMiss, Duration.ofDays(1));
    }
  }

  /**
   * The tier in the process.
   *
   * @param size what the entries may weigh together
   */
  public record Memory(Size size) {
    /** Checks the range. */
    public Memory {
      Check.size("size", size, Size.gibibytes(1024));
    }
  }

  /**
   * The tier shared by the fleet.
   *
   * @param url {@code redis://} or {@code rediss://}; may hold a password; {@link Secret#NONE} is
   *     no Redis
   * @param timeout longest wait for one look-up
   * @param connectTimeout longest wait for a connection
   * @param ttlJitter share of the time to live, 0 to 1, by which it is shortened at random
   * @param pendingWrites writes that may be under way or waiting
   * @param prefix what every key begins with
   * @param fleet whether replicas share calls on their way
   * @param lease how long a replica that makes a call for all counts as alive after its last sign
   * @param breaker stops asking a Redis that fails
   */
  public record Redis(
      Secret url,
      Duration timeout,
      Duration connectTimeout,
      double ttlJitter,
      int pendingWrites,
      String prefix,
      boolean fleet,
      Duration lease,
      Breaker breaker) {
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Checks the ranges. */
    public Redis {
      url = url == null ? Secret.NONE : url;
      Check.redisUrl("url", url);
      Check.duration("timeout", timeout, LONGEST);
      Check.duration("connectTimeout", connectTimeout, LONGEST);
      Check.range("ttlJitter", ttlJitter, 0, 1);
      Check.range("pendingWrites", pendingWrites, 1, 1_048_576);
      Check.duration("lease", lease, LONGEST);
      Check.name(
          "prefix",
          prefix,
          "[A-Za-z0-9._:-]{1,64}",
          "1 to 64 letters, digits, '.', '_', ':' or '-'");
    }

    /** Whether there is a Redis to ask. */
    public boolean enabled() {
      return url.isPresent();
    }
  }

  /**
   * Stops asking a Redis that fails.
   *
   * @param failures in a row that open it
   * @param pause how long it stays open before one look-up tries again
   */
  public record Breaker(int failures, Duration pause) {
    /** Checks the ranges. */
    public Breaker {
      Check.range("failures", failures, 1, 1_000_000);
      Check.duration("pause", pause, Duration.ofHours(1));
    }
  }
}
