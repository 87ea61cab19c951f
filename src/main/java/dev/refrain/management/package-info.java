/**
 * The door for operators, on a port of its own: metrics, health, purge.
 *
 * <p>Read in this order: {@link dev.refrain.management.ManagementVerticle}, {@code Scrape}, {@code
 * PurgeReader}, {@code ErrorPage}.
 *
 * <p>Stands between: Prometheus and the orchestrator outside, a Micrometer registry, one yes-or-no
 * question and {@link dev.refrain.management.Purging} inside.
 *
 * <p>Depends on: {@code completion} for {@code Failure} and {@code Purge}, {@code openai} for what
 * a scope is made of; Vert.x Web, Micrometer.
 *
 * <p>Must never know: the API, keys, upstreams. The public port answers nothing from here.
 *
 * <p>Always true: a scrape is written off the event loop, and at most one of each format at a time,
 * whoever asks; no credential that a purge names is kept, logged or repeated.
 *
 * <p>Decisions: 0014 (purge).
 */
package dev.refrain.management;
