package dev.refrain.upstream;

import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Settings of retries.
 *
 * @param maxRetries tries after the first
 * @param on statuses that are worth another try, and count against the server
 * @param initialBackoff longest wait before the first of them; doubles from one to the next
 * @param maxBackoff what it grows to
 * @param maxRetryAfter longest {@code Retry-After} that is waited for
 * @param share of a retry that each request earns
 * @param reserve most retries saved up
 * @param nanoTime a clock like {@link System#nanoTime}
 */
public record RetrySettings(
    int maxRetries,
    Set<Integer> on,
    Duration initialBackoff,
    Duration maxBackoff,
    Duration maxRetryAfter,
    double share,
    int reserve,
    LongSupplier nanoTime) {}
