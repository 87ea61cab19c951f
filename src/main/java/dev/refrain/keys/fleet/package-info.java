/**
 * The usage of each key by all replicas, counted together in Redis.
 *
 * <p>One type: {@link dev.refrain.keys.fleet.SharedLimits}, which exchanges usage once a second.
 *
 * <p>Depends on: keys, redis, and the Redis client of Vert.x.
 *
 * <p>Must never know: requests, secrets.
 *
 * <p>Always true: no request waits for it; while Redis is down each process counts alone.
 *
 * <p>Decisions: 0037 (counting keys together).
 */
package dev.refrain.keys.fleet;
