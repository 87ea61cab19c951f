package dev.refrain.upstream;

import dev.refrain.settings.Check;
import java.time.Duration;
import java.util.List;

/**
 * Section {@code retry}: retries of calls that failed before their response began.
 *
 * @param maxRetries calls after the first
 * @param on statuses that are retried and count as failures of the server
 * @param initialBackoff longest wait before the first retry; doubles from one to the next
 * @param maxBackoff the bound of that wait
 * @param maxRetryAfter longest {@code Retry-After} that is waited for
 * @param budget bounds the retries of all requests together
 */
public record RetrySettings(
    int maxRetries,
    List<Integer> on,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration maxRetryAfter,
    Budget budget) {
  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** Checks the ranges. */
  public RetrySettings {
    Check.range("maxRetries", maxRetries, 0, 100);
    on = statuses(on);
    Check.durationOrNone("initialBackoff", initialBackoff, LONGEST);
    Check.durationOrNone("maxBackoff", maxBackoff, LONGEST);
    Check.durationOrNone("maxRetryAfter", maxRetryAfter, LONGEST);
  }

  private static List<Integer> statuses(List<Integer> on) {
    if (on == null) {
      return List.of();
    }
    for (int i = 0; i < on.size(); i++) {
      Check.that(
          on.get(i) != null && on.get(i) >= 400 && on.get(i) <= 599,
          "on[" + i + "]",
          "a status from 400 to 599");
    }
    return List.copyOf(on);
  }

  /**
   * Bounds the retries of all requests together.
   *
   * @param share of a retry that each request earns
   * @param reserve most retries saved up
   */
  public record Budget(double share, int reserve) {
    /** Checks the ranges. */
    public Budget {
      Check.range("share", share, 0, 1);
      Check.range("reserve", reserve, 0, 65_536);
    }
  }
}
