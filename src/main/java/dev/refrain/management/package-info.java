/**
 * The door for operators, on a port of its own: metrics and health.
 *
 * <p>Read in this order: {@link dev.refrain.management.ManagementVerticle}, {@code Scrape}, {@code
 * ErrorPage}.
 *
 * <p>Stands between: Prometheus and the orchestrator outside, a Micrometer registry and one
 * yes-or-no question inside.
 *
 * <p>Depends on: {@code completion} for {@code Failure}; Vert.x Web, Micrometer.
 *
 * <p>Must never know: the API, keys, upstreams. The public port answers nothing from here.
 *
 * <p>Always true: a scrape is written off the event loop, and at most one of each format at a time,
 * whoever asks; nothing here reads a request's body.
 */
package dev.refrain.management;
