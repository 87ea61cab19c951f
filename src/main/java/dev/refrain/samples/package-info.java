/**
 * Numbers requests that are samples of each other: those of a run, and those that take turns with
 * the slots of a rule.
 *
 * <p>Read in this order: {@code SampleCounters} (what this process has counted), {@code RunNumbers}
 * (the same together with other replicas, over Redis).
 *
 * <p>Stands between: the request handler, which needs the number of a request before any stage sees
 * the request, and Redis.
 *
 * <p>Depends on: {@code inference}, {@code memory}, {@code redis}.
 *
 * <p>Must never know: bodies, fingerprints of answers, the configuration file.
 *
 * <p>Always true: within a run no number is given to two requests by one process, unless the first
 * got no answer; a run that cannot be counted gets no number rather than one that was given before.
 *
 * <p>Decisions: docs/internals/decisions/0074.
 */
package dev.refrain.samples;
