/**
 * The upstream servers: selecting one, calling it, and retrying on another when it fails.
 *
 * <p>Read in this order: {@link dev.refrain.upstream.Routes} and {@code Route} (the servers of a
 * model, and the choice among them), {@link dev.refrain.upstream.Upstream} (the state of one: its
 * {@code Health}, its {@code ConcurrencyLimit}), {@link dev.refrain.upstream.Retry} and {@code
 * RetryLoop} (the stage that selects a server and retries), {@code Verdict} (the consequences of an
 * outcome), {@link dev.refrain.upstream.UpstreamCall} (one call), {@code UsageFallback} (how it
 * learns the usage of a stream), {@code Exchange} (its life cycle), {@code WholeAnswer} and {@code
 * UpstreamFrames} (the two forms of an answer), {@link dev.refrain.inference.Deadlines} (its
 * timeouts), {@link dev.refrain.upstream.Client} and {@code PooledClient} (connections), {@code
 * ResponseDecoder} and {@code RequestGate} (sequential exchanges on a connection, with no byte of
 * one in another).
 *
 * <p>Depends on: {@code inference}, sse (the event splitter and errors), json (the model's name);
 * Vert.x' HTTP client.
 *
 * <p>Must never know: caches, the requests that share a call, the readers of an answer.
 *
 * <p>Always true: a call ends once: answered, refused, failed or cancelled; after that its
 * connection is back in the pool or closed, its deadline is removed and its permit is released. A
 * connection goes back only if its request was sent, its response has ended and nothing followed.
 * Every trial call yields a verdict. No call is retried after a frame was forwarded. State shared
 * by event loops is lock-free. Foreign exceptions become {@link dev.refrain.inference.Failure}s
 * here.
 *
 * <p>Decisions: 0008 (four timeouts), 0003 (cancellation), 0018 (routing and place), 0019 (retry
 * and budget), 0020 (TLS and limits at the edge), 0040 (one exchange after another).
 */
package dev.refrain.upstream;
