/**
 * The connections of an event loop to Redis: opened, monitored, closed and reopened. Infrastructure
 * for the stages that share state between replicas.
 *
 * <p>Read in this order: {@link dev.refrain.redis.RedisLink} (what the stages see), {@link
 * dev.refrain.redis.Servers} (the three ways to run Redis), {@code ServerLink} (a lasting
 * connection to one server), {@code Breaker} (the circuit breaker), {@code Stability} (whether
 * connections last), {@code ServerCheck} (whether the server works), {@code PipelinedConnection}
 * (one open connection), {@code SingleLink} with {@code Sentinels} (the current master), {@code
 * ClusterLink} with {@code TopologyPoller} and {@code ClusterMap} (the slot assignment) and {@code
 * Redirect} (redirections), {@link dev.refrain.redis.RedisLog} with {@code RedisError} (what the
 * operator reads).
 *
 * <p>Depends on: {@code inference}, for its observer; the Redis client of Vert.x.
 *
 * <p>Must never know: keys, values, the purpose of a command.
 *
 * <p>Always true: the wait for every command is bounded; nothing is queued while Redis is down; no
 * command leads to push messages, because the client takes a push for the reply to the oldest
 * command and shifts all later replies.
 *
 * <p>Decisions, intentional and not bugs:
 *
 * <ul>
 *   <li>RESP2 is negotiated, because it has no push messages on a connection that sends commands.
 *   <li>Every connection has a client of its own: closing a pooled connection returns it to the
 *       pool with its unanswered commands, closing the client closes the socket.
 * </ul>
 *
 * <p>See also 0016 (topologies) and 0049 (servers that do no work).
 */
package dev.refrain.redis;
