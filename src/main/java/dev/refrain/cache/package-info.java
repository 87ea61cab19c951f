/**
 * Stored answers: the memory tier and its rules.
 *
 * <p>Read in this order: {@link dev.refrain.cache.MemoryCache} (serves), {@link
 * dev.refrain.cache.MemoryWriter} (stores), {@link dev.refrain.cache.MemoryStore} (the entries),
 * {@link dev.refrain.cache.OnlyIfCached} (stops requests that must not go upstream), {@link
 * dev.refrain.cache.StaleFallback} (serves stale answers), {@link dev.refrain.cache.Verifier}
 * (compares served answers with new ones), {@link dev.refrain.cache.PurgeMarks} (purges), {@link
 * dev.refrain.cache.FleetClock} (the clock by which all of this is dated), {@link
 * dev.refrain.cache.EntryLine} and {@link dev.refrain.cache.EntryReader} (entries as lines of a
 * file) with {@link dev.refrain.cache.ImportRules}, and the package {@code redis} for the tier that
 * replicas share.
 *
 * <p>Depends on: {@code inference}, {@code openai} to compare answers; Caffeine.
 *
 * <p>Must never know: the format of an answer (the request's language does), its source.
 *
 * <p>Always true: a stored answer is proven complete; it is served only while fresh, or stale as
 * far as the operator allows, and never after a purge that covers it.
 *
 * <p>Decisions: 0006 (two tiers, one entry for both framings), 0013 (stale serving), 0014 (purge),
 * 0050 (one clock), 0079 (entries as lines), 0090 (verification).
 */
package dev.refrain.cache;
