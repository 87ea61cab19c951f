/**
 * Metrics in the form that Prometheus scrapes.
 *
 * <p>Read in this order: {@link dev.refrain.metrics.MeteredObserver} (receives events of the
 * stages), {@link dev.refrain.metrics.Gauges} (reads their fill levels), {@code TokenMeters}
 * (counts by model) over {@link dev.refrain.metrics.Prices}, {@link dev.refrain.metrics.KeyMeters}
 * (usage by key), {@link dev.refrain.metrics.EventLoopLag}, {@link dev.refrain.metrics.JvmMeters}.
 *
 * <p>Stands between: the stages, which know only {@link dev.refrain.inference.Observer}, and a
 * Micrometer registry, which the management port writes out.
 *
 * <p>Depends on: {@code inference}, {@code settings}; Micrometer.
 *
 * <p>Must never know: prompts, answers, secrets, ids, paths. None of them may become a label. The
 * name of a model may, up to a limit.
 *
 * <p>Always true: every series exists from the start, with value 0, so that {@code rate()} sees the
 * first event and nothing a caller sends can make another, but for those of so many models (and of
 * the codes that upstreams answer with); recording an event looks up nothing by name except a
 * model, and allocates nothing; a histogram is in seconds.
 *
 * <p>Decisions: 0024 (what is counted). Vert.x' own metrics stay off. They look their meters up by
 * label on every request (about 570 ns and 650 bytes for the server's, as against 40 ns here), and
 * label by {@code method}, which is any token a caller likes to send and is counted before a route
 * could refuse it: a client could fill the registry. {@link dev.refrain.metrics.MeteredObserver}
 * counts what the server's metrics would show. Memory lookups are timed like all others. An unknown
 * tier is not counted rather than rejected, because an observer must never fail a request.
 */
package dev.refrain.metrics;
