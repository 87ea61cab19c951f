/**
 * The disk tier: answers that survive a restart, with a bounded wait for lookups.
 *
 * <p>Read in this order: {@link dev.refrain.cache.disk.DiskCache} (the stage that looks up), {@link
 * dev.refrain.cache.disk.DiskWriter} (the stage that stores), {@link
 * dev.refrain.cache.disk.DiskTier} (the tier of the process and its threads) with {@code
 * DiskWriterThread}, {@code WriteQueue}, {@code DiskOrders} (what operators want done), {@code
 * DiskImport} and {@code DiskLog}, {@code SqliteFile} (the database) with {@code Database} (its
 * schema) and {@code Salvage} (what a damaged one still holds), {@code MarkFile} (purges) by {@link
 * dev.refrain.cache.disk.FileReplacement}, {@link dev.refrain.cache.disk.OwnerLock} (one process a
 * folder).
 *
 * <p>Depends on: {@code cache} for the codec and the purge marks, {@code inference}, {@code memory}
 * for the budget, {@code redis} for the circuit breaker; SQLite.
 *
 * <p>Must never know: prompts, JSON, other tiers, HTTP servers.
 *
 * <p>Always true: no event loop waits for the disk; a request waits at most for its budget; no
 * fault of the disk fails a request; a value is served only if checksum, length and fingerprint
 * match and no purge covers it.
 *
 * <p>Decisions: 0077 (the store).
 */
package dev.refrain.cache.disk;
