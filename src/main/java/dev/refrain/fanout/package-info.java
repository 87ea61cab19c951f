/**
 * Fan-out: a request for several choices is split into calls, and their answers are merged into
 * one.
 *
 * <p>Read in this order: {@link dev.refrain.fanout.FanOut} (the stage), {@code PartScheduler}
 * (bounded concurrency), {@code WholeCollector} (documents) and {@code StreamMerger} (streams) over
 * {@code PartStream}, {@code PartError} (an error of one part), {@code CostSum} (the tokens paid).
 *
 * <p>Stands between: the door and the caches.
 *
 * <p>Depends on: {@code inference}; sse for replaying stored streams and for error events.
 *
 * <p>Must never know: prompts, seeds, JSON; how a request is divided and answers are merged is the
 * {@link dev.refrain.inference.Split}'s and the {@link dev.refrain.inference.Language}'s.
 *
 * <p>Always true: nothing outlives the request it belongs to; so many parts are under way as the
 * settings say, and no more; the reader of a merged stream holds back every part of it.
 *
 * <p>Decisions: 0015 (division), 0021 (merging), 0022 (one chorus, one head).
 */
package dev.refrain.fanout;
