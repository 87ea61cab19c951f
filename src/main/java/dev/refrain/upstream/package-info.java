/**
 * Who answers: the call to a completion server, whole or streamed.
 *
 * <p>Read in this order: {@link dev.refrain.upstream.Routes} (which server a model goes to), {@link
 * dev.refrain.upstream.UpstreamCall} (the stage), {@code Exchange} (one call's life), {@code
 * WholeAnswer} and {@code UpstreamFrames} (the two ways an answer comes), {@link
 * dev.refrain.upstream.Watch} (its time-outs).
 *
 * <p>Depends on: completion, openai (the event splitter); Vert.x' HTTP client.
 *
 * <p>Must never know: caches, what shares the call, who reads the answer.
 *
 * <p>Always true: a call ends once: answered, refused, failed or cancelled; after that its
 * connection is back in the pool or closed, and its watch is gone. Foreign exceptions become {@link
 * dev.refrain.completion.Failure}s here.
 *
 * <p>Decisions: 0008 (four time-outs), 0003 (cancellation).
 */
package dev.refrain.upstream;
