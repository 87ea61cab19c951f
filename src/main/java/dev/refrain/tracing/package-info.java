/**
 * OpenTelemetry traces. If tracing is disabled, no OpenTelemetry class is loaded.
 *
 * <p>Read in this order: {@link dev.refrain.tracing.Tracing}, {@code Tracing.TracedRequests} (the
 * stage above all others), {@code Tracing.TracedCalls} (around every call to a server), {@code
 * AnswerSpan} (the end of a span), {@code AnswerSpan.TracedFrames}.
 *
 * <p>Depends on: {@code inference}; {@code settings} for its section of the file; the OpenTelemetry
 * SDK, which exports from a thread of its own.
 *
 * <p>Must never know: prompts, answers, credentials. A span has the model of the request and the
 * tokens of the answer.
 *
 * <p>Always true: a span ends exactly once, however its answer ends; nothing here delays a request,
 * and spans that cannot be exported are dropped.
 *
 * <p>Decisions: 0025 (traces).
 */
package dev.refrain.tracing;
