/**
 * Refrain's own API keys: permissions, tenants and rate limits and budgets.
 *
 * <p>Read in this order: {@link dev.refrain.keys.Keyring} (finds the key that a request presents),
 * {@link dev.refrain.keys.Key} (its permissions and remaining limits), {@link
 * dev.refrain.keys.TokenBucket} (a limit per minute), {@link dev.refrain.keys.Budget} and {@link
 * dev.refrain.keys.Spending} (money a day and a month), {@link dev.refrain.keys.UsageMetering} (the
 * stage that requests usage on streams), {@code keys.fleet} (counting across replicas).
 *
 * <p>Stands between: the configuration, which the root package maps to this package's settings, and
 * the request router, which consults it for every request where keys are configured; {@code
 * UsageMetering} in the pipeline.
 *
 * <p>Depends on: {@code inference}; Bucket4j. Of Vert.x only header fields. {@code keys.fleet}
 * depends on redis, too.
 *
 * <p>Must never know: bodies, stored answers, and secrets, of which it has only the digests.
 *
 * <p>Always true: a presented key is looked up by its SHA-256, so that the time of a lookup reveals
 * nothing about a secret; every stream is charged; a key with unchanged limits keeps its remaining
 * amount across reloads; cached and shared answers cost no tokens and no money; state shared by
 * event loops is lock-free.
 *
 * <p>Decisions: 0035 (keys), 0037 (counting together), 0100 (budgets).
 */
package dev.refrain.keys;
