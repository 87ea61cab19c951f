/**
 * Answers kept in Redis, shared by all replicas and never waited for.
 *
 * <p>Read in this order: {@link dev.refrain.cache.redis.SharedCache} (the stage), {@code
 * WriteBehind} (how answers get there), {@code EntryCodec} (what stands in a value), {@code
 * RedisLink} (the one connection of an event loop), {@code Breaker}, {@code Wire}.
 *
 * <p>Depends on: {@code completion}, and the Redis client of Vert.x.
 *
 * <p>Must never know: prompts, JSON, other caches, HTTP servers.
 *
 * <p>Always true: a request waits for Redis at most its budget; no trouble of Redis fails a
 * request; a value is served only after version, checksum, length and fingerprint agreed; nothing
 * is queued while Redis is away; no command leads to push messages, because the client takes a push
 * for the reply to the oldest command and shifts all later replies.
 *
 * <p>Decisions, intentional and not bugs:
 *
 * <ul>
 *   <li>Values are read with {@code GETRANGE}, not {@code GET}: it bounds the reply, and a foreign
 *       value of half a gigabyte under one of our keys costs one bounded miss.
 *   <li>RESP2 is asked for, since it knows no push messages on a connection that sends commands.
 *   <li>Jitter shortens a time to live and never lengthens it: a longer life in Redis would only
 *       hold values that are refused as expired.
 *   <li>Every connection has a client of its own: closing a pooled connection gives it back to the
 *       pool with its unanswered commands, closing the client closes the socket.
 * </ul>
 */
package dev.refrain.cache.redis;
