/**
 * Answers we have.
 *
 * <p>Read in this order: {@link dev.refrain.cache.MemoryCache} (serves), {@link
 * dev.refrain.cache.MemoryWriter} (keeps), {@link dev.refrain.cache.MemoryStore} (what they keep
 * them in), {@link dev.refrain.cache.OnlyIfCached} (where a request stops that must not go
 * upstream), {@link dev.refrain.cache.StaleFallback} (serves what is past its time), {@link
 * dev.refrain.cache.PurgeMarks} (what was purged), {@link dev.refrain.cache.FleetClock} (the time
 * by which all of this is dated), and the package {@code redis} for the tier that replicas share.
 *
 * <p>Depends on: completion; Caffeine.
 *
 * <p>Must never know: how an answer is written (the request's language does), where it comes from.
 *
 * <p>Always true: what is kept was proven whole; a kept answer is served within its age alone, or
 * as far past it as the operator says, and never past a purge.
 *
 * <p>Decisions: 0006 (two tiers, one entry for both framings), 0013 (stale serving), 0014 (purge),
 * 0050 (one clock).
 */
package dev.refrain.cache;
