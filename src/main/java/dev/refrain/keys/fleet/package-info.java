/**
 * The usage of each key by all replicas, counted together in Redis.
 *
 * <p>{@link dev.refrain.keys.fleet.SharedLimits} exchanges usage of rate limits once a second,
 * {@link dev.refrain.keys.fleet.SharedBudgets} what was spent of budgets.
 *
 * <p>Depends on: keys, redis, and the Redis client of Vert.x.
 *
 * <p>Must never know: requests, secrets.
 *
 * <p>Always true: no request waits for it; while Redis is down each process counts alone.
 *
 * <p>Decisions: 0037 (counting keys together), 0100 (budgets).
 */
package dev.refrain.keys.fleet;
