/**
 * Answers kept in Redis, shared by all replicas and never waited for.
 *
 * <p>Read in this order: {@link dev.refrain.cache.redis.SharedCache} (the stage that looks), {@link
 * dev.refrain.cache.redis.SharedCacheWriter} (the stage that keeps) with {@code WriteBehind} (how
 * answers get there), {@code EntryCodec} (what stands in a value), {@link
 * dev.refrain.cache.redis.PurgeBoard} (how replicas learn of purges).
 *
 * <p>Depends on: {@code inference}, {@code redis} for the connection, and the Redis client of
 * Vert.x.
 *
 * <p>Must never know: prompts, JSON, other caches, HTTP servers.
 *
 * <p>Always true: a request waits for Redis at most its budget; no trouble of Redis fails a
 * request; a value is served only after version, checksum, length and fingerprint agreed; nothing
 * is queued while Redis is away.
 *
 * <p>Decisions, intentional and not bugs:
 *
 * <ul>
 *   <li>Values are read with {@code GETRANGE}, not {@code GET}: it bounds the reply, and a foreign
 *       value of half a gigabyte under one of our keys costs one bounded miss.
 *   <li>Jitter shortens a time to live and never lengthens it: a longer life in Redis would only
 *       hold values that are refused as expired.
 *   <li>The stage that keeps stands below the sharing across replicas: what was heard from another
 *       replica is kept by that one alone (0036).
 * </ul>
 */
package dev.refrain.cache.redis;
