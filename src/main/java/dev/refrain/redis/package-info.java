/**
 * The connections of an event loop to Redis: kept, given up and made anew. Infrastructure for the
 * stages that replicas share something by.
 *
 * <p>Read in this order: {@link dev.refrain.redis.RedisLink} (what the stages see), {@link
 * dev.refrain.redis.Servers} (the three ways to run Redis), {@code ServerLink} (one server, kept),
 * {@code Breaker} (whether asking is worth it), {@code Stability} (whether connections last),
 * {@code ServerCheck} (whether the server does its work), {@code PipelinedConnection} (one open
 * connection), {@code SingleLink} with {@code Sentinels} (who is the master), {@code ClusterLink}
 * with {@code TopologyPoller} and {@code ClusterMap} (who has which slots) and {@code Redirect}
 * (who else), {@link dev.refrain.redis.RedisLog} with {@code RedisError} (what the operator reads).
 *
 * <p>Depends on: completion, for its observer; the Redis client of Vert.x.
 *
 * <p>Must never know: keys, values, what is asked of Redis and why.
 *
 * <p>Always true: every command has a bound on its wait; nothing is queued while Redis is away; no
 * command leads to push messages, because the client takes a push for the reply to the oldest
 * command and shifts all later replies.
 *
 * <p>Decisions, intentional and not bugs:
 *
 * <ul>
 *   <li>RESP2 is asked for, since it knows no push messages on a connection that sends commands.
 *   <li>Every connection has a client of its own: closing a pooled connection gives it back to the
 *       pool with its unanswered commands, closing the client closes the socket.
 * </ul>
 *
 * <p>See also 0016 (topologies) and 0049 (servers that do no work).
 */
package dev.refrain.redis;
