package dev.refrain.upstream;

import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * What is tried again, and how often.
 *
 * @param most tries after the first
 * @param on statuses that are worth another try, and speak against the server
 * @param firstWait longest wait before the first of them; doubles from one to the next
 * @param longestWait what it grows to
 * @param retryAfter longest {@code Retry-After} that is waited for
 * @param hedge how long the first call may take before another is made beside it; zero is for ever
 * @param share of a retry that each request earns
 * @param reserve most retries saved up
 * @param nanoTime a clock like {@link System#nanoTime}
 */
public record RetrySettings(
    int most,
    Set<Integer> on,
    Duration firstWait,
    Duration longestWait,
    Duration retryAfter,
    Duration hedge,
    double share,
    int reserve,
    LongSupplier nanoTime) {}
