/**
 * What each request went through, for OpenTelemetry, where it is switched on. Where it is not, no
 * class of it is loaded.
 *
 * <p>Read in this order: {@link dev.refrain.tracing.Tracing}, {@code TracedRequests} (the stage
 * above all others), {@code TracedCalls} (around every call to a server), {@code AnswerSpan} (when
 * what they began ends), {@code TracedFrames}.
 *
 * <p>Depends on: completion; the OpenTelemetry SDK, which sends what it is given from a thread of
 * its own.
 *
 * <p>Must never know: prompts, answers, credentials. Of a request it says the model, of an answer
 * the tokens.
 *
 * <p>Always true: a span ends once, whichever way its answer does; nothing here holds a request up,
 * and what cannot be sent is dropped.
 *
 * <p>Decisions: 0025 (traces).
 */
package dev.refrain.tracing;
