/**
 * The door for operators, on a port of its own: a live page, metrics, health, purge, reload.
 *
 * <p>Read in this order: {@link dev.refrain.management.ManagementVerticle}, {@code
 * ConnectionLimit}, {@code TokenGuard} and {@code LocalCaller} (who gives orders), {@code Scrape},
 * {@code LivePage} ({@code live.html} beside it, {@code LiveSubscribers}, {@code Snapshot}, {@code
 * MetricReadings}), {@code PurgeReader}, {@code ErrorPage}.
 *
 * <p>Stands between: browsers, Prometheus and the orchestrator outside, a registry of metrics,
 * {@link dev.refrain.management.HealthStatus}, {@link dev.refrain.management.PurgeAction} and
 * {@link dev.refrain.management.ReloadAction} inside.
 *
 * <p>Depends on: {@code inference} for {@code Failure} and {@code Purge}, {@code openai} for what a
 * scope is made of; Vert.x Web, Micrometer, the model of Prometheus' client.
 *
 * <p>Must never know: the API, keys, upstreams. The public port answers nothing from here.
 *
 * <p>Always true: a scrape is written off the event loop, and at most one of each format at a time,
 * whoever asks; so is an event of the live page, two a second for all who watch and none for
 * nobody; who watches is bounded; the page asks nothing of any other host; no credential that a
 * purge names is kept, logged or repeated.
 *
 * <p>Decisions: 0014 (purge), 0026 (live page), 0048 (bounds and orders).
 */
package dev.refrain.management;
