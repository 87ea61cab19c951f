/**
 * The management port: live page, metrics, health, savings, stored entries; purge, reload, explain.
 *
 * <p>Read in this order: {@link dev.refrain.management.ManagementVerticle}, {@code
 * ConnectionLimit}, {@code TokenGuard} and {@code TokenGuard.LocalCaller} (authorization), {@code
 * Scrape}, {@code RecentRequests}, {@code Savings} with {@code SavingsPage}, {@code LivePage}
 * ({@code live.html} beside it, {@code LiveSubscribers}, {@code Snapshot}, {@code MetricReadings},
 * {@code History}, {@code Problems}), {@code PurgeReader} and {@code ExplainReader} (orders),
 * {@code EntryPages} with {@link dev.refrain.management.EntryTransfer} and {@code
 * EntryFilterReader}, {@code ErrorPage}.
 *
 * <p>Stands between: browsers, Prometheus and the orchestrator outside, a registry of metrics,
 * {@link dev.refrain.management.ManagementServices} inside.
 *
 * <p>Depends on: {@code inference} for {@code Failure}, {@code Purge}, {@code FinishedRequest} and
 * the parts of a scope, {@code sse} for error bodies; Vert.x Web, Micrometer, the model of the
 * Prometheus client.
 *
 * <p>Must never know: the API, keys, upstreams. The public port serves nothing from here.
 *
 * <p>Always true: a scrape is written off the event loop, at most one of each format at a time; so
 * is an event of the live page, two per second for all subscribers and none without subscribers;
 * the number of subscribers is bounded; the page loads nothing from other hosts; no credential in a
 * purge request is stored, logged or repeated.
 *
 * <p>Decisions: 0014 (purge), 0026 (live page), 0088 (history and problems), 0048 (bounds and
 * orders), 0098 (moving entries).
 */
package dev.refrain.management;
