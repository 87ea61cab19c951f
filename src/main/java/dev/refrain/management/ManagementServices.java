package dev.refrain.management;

import dev.refrain.management.ManagementVerticle.HealthStatus;
import dev.refrain.management.ManagementVerticle.ReloadAction;
import java.util.function.IntSupplier;

/**
 * What the management port shows and does.
 *
 * @param health how the process is
 * @param purgeAction makes stored answers stale
 * @param reloadAction takes up what is new in the configuration
 * @param explainAction says what a request meets in the cache
 * @param recentRequests the last requests
 * @param savings what was paid and saved
 * @param storedEntries the entries in memory
 * @param publicPort the port of the API
 */
public record ManagementServices(
    HealthStatus health,
    PurgeAction purgeAction,
    ReloadAction reloadAction,
    ExplainAction explainAction,
    RecentRequests recentRequests,
    Savings savings,
    StoredEntries storedEntries,
    IntSupplier publicPort) {}
