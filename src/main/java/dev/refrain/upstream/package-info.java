/**
 * Who answers: choosing a completion server, calling it, and calling another when it fails.
 *
 * <p>Read in this order: {@link dev.refrain.upstream.Routes} and {@code Route} (which servers a
 * model has, and whom of them to ask), {@link dev.refrain.upstream.Upstream} (what is known of one:
 * its {@code Health}, its {@code ConcurrencyLimit}), {@link dev.refrain.upstream.Retry} and {@code
 * RetryLoop} (the stage that chooses, and asks again), {@code Hedge} (what is asked of two), {@code
 * Verdict} (what an outcome says), {@link dev.refrain.upstream.UpstreamCall} (one call), {@code
 * UsageFallback} (how it finds out what a stream costs), {@code Exchange} (its life), {@code
 * WholeAnswer} and {@code UpstreamFrames} (the two ways an answer comes), {@link
 * dev.refrain.upstream.CallDeadlines} (its time-outs), {@link dev.refrain.upstream.Client} and
 * {@code PooledClient} (connections), {@code ResponseDecoder} and {@code RequestGate} (one exchange
 * after another on a connection, and no byte of one in another).
 *
 * <p>Depends on: completion, sse (the event splitter), openai (the model's name); Vert.x' HTTP
 * client.
 *
 * <p>Must never know: caches, what shares the call, who reads the answer.
 *
 * <p>Always true: a call ends once: answered, refused, failed or cancelled; after that its
 * connection is back in the pool or closed, its watch is gone and its seat is free. A connection
 * goes back only if its request was sent, its response has ended and nothing followed. Whoever is
 * on trial brings a verdict. Nothing is asked again once a frame was passed on. What event loops
 * have in common is lock-free. Foreign exceptions become {@link dev.refrain.inference.Failure}s
 * here.
 *
 * <p>Decisions: 0008 (four time-outs), 0003 (cancellation), 0018 (routing and place), 0019 (retry
 * and budget), 0020 (TLS and limits at the edge), 0040 (one exchange after another).
 */
package dev.refrain.upstream;
