/**
 * The vocabulary of all packages: requests, answers and stored entries.
 *
 * <p>Read in this order: {@link dev.refrain.inference.InferenceService}, {@link
 * dev.refrain.inference.SharedService}, {@link dev.refrain.inference.Fork}, {@link
 * dev.refrain.inference.InferenceRequest}, {@link dev.refrain.inference.InferenceResponse}, {@link
 * dev.refrain.inference.Frames}, {@link dev.refrain.inference.Entry}, {@link
 * dev.refrain.inference.Language}, {@link dev.refrain.inference.Failure}, {@link
 * dev.refrain.inference.Observer}, {@link dev.refrain.inference.RequestListener}, {@link
 * dev.refrain.inference.CostListener}.
 *
 * <p>Depends on: no other package; Vert.x for {@code Future}, {@code Buffer} and {@code MultiMap}.
 *
 * <p>Must never know: prompts, choices, JSON, HTTP servers, Redis.
 *
 * <p>Always true: one request, its {@link dev.refrain.inference.Cancellation} and its {@link
 * dev.refrain.inference.Frames} live on one event loop; values (records, frames, entries) are
 * immutable and may cross event loops.
 *
 * <p>Decisions: 0002 (a future of a head, frames to come), 0003 (one cancellation for all phases),
 * 0045 (fields that belong to the answer), 0065 (one fork into two lanes).
 */
package dev.refrain.inference;
