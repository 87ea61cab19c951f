/**
 * The vocabulary every room speaks: what is asked, what is answered, what may be kept.
 *
 * <p>Read in this order: {@link dev.refrain.completion.CompletionService}, {@link
 * dev.refrain.completion.CompletionRequest}, {@link dev.refrain.completion.Completion}, {@link
 * dev.refrain.completion.Frames}, {@link dev.refrain.completion.Entry}, {@link
 * dev.refrain.completion.Language}, {@link dev.refrain.completion.Failure}, {@link
 * dev.refrain.completion.Observer}.
 *
 * <p>Depends on: nothing of ours; Vert.x for {@code Future}, {@code Buffer} and {@code MultiMap}.
 *
 * <p>Must never know: prompts, choices, JSON, HTTP servers, Redis.
 *
 * <p>Always true: one request, its {@link dev.refrain.completion.Cancellation} and its {@link
 * dev.refrain.completion.Frames} live on one event loop; values (records, frames, entries) are
 * immutable and may cross.
 *
 * <p>Decisions: 0002 (a future of a head, frames to come), 0003 (one cancellation for all phases).
 */
package dev.refrain.completion;
