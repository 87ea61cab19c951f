/**
 * Refrain's own keys: who may ask, for whom answers are kept together, and how much a minute.
 *
 * <p>Read in this order: {@link dev.refrain.keys.Keyring} (finds the key that a request presents),
 * {@link dev.refrain.keys.Key} (what it opens, and what it has left), {@link
 * dev.refrain.keys.TokenBucket} (so much a minute), {@link dev.refrain.keys.UsageMetering} (the
 * stage that has streams say what they cost), {@code keys.fleet} (what processes count together).
 *
 * <p>Stands between: the configuration, which the root says in words of this room, and the door,
 * which asks it for every request where there are keys; {@code UsageMetering} in the pipeline.
 *
 * <p>Depends on: completion; Bucket4j. Of Vert.x header fields alone. {@code keys.fleet} depends on
 * redis, too.
 *
 * <p>Must never know: bodies, what is kept, and secrets, of which it has the digests alone.
 *
 * <p>Always true: what a request presents is looked for by its SHA-256, so that the time it takes
 * tells nothing of a secret; no stream is for nothing; a key whose limits stay as they are keeps
 * what it has left, whatever else becomes of the configuration; what is kept and what is shared
 * costs no tokens; what event loops have in common is lock-free.
 *
 * <p>Decisions: 0035 (keys), 0037 (counting together).
 */
package dev.refrain.keys;
