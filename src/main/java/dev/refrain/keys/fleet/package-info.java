/**
 * What all processes of a fleet have taken of each key, counted together in Redis.
 *
 * <p>One type: {@link dev.refrain.keys.fleet.SharedLimits}, which tells and hears once a second.
 *
 * <p>Depends on: keys, redis, and the Redis client of Vert.x.
 *
 * <p>Must never know: requests, secrets, who asks.
 *
 * <p>Always true: no request waits for it; while Redis is away each process counts alone.
 *
 * <p>Decisions: 0037 (counting keys together).
 */
package dev.refrain.keys.fleet;
