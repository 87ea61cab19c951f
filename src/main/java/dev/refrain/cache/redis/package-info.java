/**
 * The Redis tier: answers stored for all replicas, with a bounded wait for lookups.
 *
 * <p>Read in this order: {@link dev.refrain.cache.redis.SharedCache} (the stage that looks up),
 * {@link dev.refrain.cache.redis.SharedCacheWriter} (the stage that stores) with {@code
 * WriteBehind} (background writes), {@link dev.refrain.cache.EntryCodec} (the format of a value),
 * {@link dev.refrain.cache.redis.PurgeBoard} (purges across replicas), {@link
 * dev.refrain.cache.redis.RedisEntries} (all entries, for an operator).
 *
 * <p>Depends on: {@code inference}, {@code redis} for the connection, and the Redis client of
 * Vert.x.
 *
 * <p>Must never know: prompts, JSON, other caches, HTTP servers.
 *
 * <p>Always true: a request waits for Redis at most for its budget; no failure of Redis fails a
 * request; a value is served only if version, checksum, length and fingerprint match; nothing is
 * queued while Redis is down.
 *
 * <p>Decisions, intentional and not bugs:
 *
 * <ul>
 *   <li>Values are read with {@code GETRANGE}, not {@code GET}: it bounds the reply, and a foreign
 *       value of half a gigabyte under such a key costs one bounded miss.
 *   <li>Jitter shortens a time to live and never lengthens it: a longer life in Redis would only
 *       keep values that are rejected as expired.
 *   <li>The storing stage is below the sharing across replicas: an answer from another replica is
 *       stored by that replica only (0036).
 * </ul>
 */
package dev.refrain.cache.redis;
