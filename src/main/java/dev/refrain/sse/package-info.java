/**
 * Server-sent events as bytes, and errors as documents and events.
 *
 * <p>Read in this order: {@link dev.refrain.sse.EventSplitter} (bytes to frames), {@code
 * EventLines} and {@code LineEnds} (the lines of one event), {@link
 * dev.refrain.sse.EventLines.OneLine} (a document as one event), {@link dev.refrain.sse.Replay} (a
 * stream that is complete, as frames), {@link dev.refrain.sse.ErrorBody} and {@link
 * dev.refrain.sse.ErrorStatus} (errors).
 *
 * <p>Depends on: {@code inference}, for its frames; json.
 *
 * <p>Must never know: what an event means.
 *
 * <p>Always true: an event is bounded; bytes that are not edited stay as they came.
 *
 * <p>Source: WHATWG HTML, Server-sent events.
 */
package dev.refrain.sse;
