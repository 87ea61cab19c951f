/**
 * What is not ours: requests that go to the upstream as they are, and come back as they are.
 *
 * <p>Read in this order: {@link dev.refrain.upstream.passthrough.PassThrough} (which request goes
 * where), {@code RequestTarget} (what is asked for, and what is refused), {@code ProxiedExchange}
 * (one request's life), {@code Upload} and {@code Download} (the ways up and down), {@code Tunnel}
 * (WebSockets), {@code Pump} (bytes one way), {@code HeaderCopier} (what is taken off and put on),
 * {@code TimeoutPhase} (its time-outs), {@code Linger} (who is answered too early).
 *
 * <p>Depends on: completion; of upstream what is common to all calls (target, watch, header policy,
 * credential); Vert.x' HTTP client and server.
 *
 * <p>Must never know: bodies. Nothing here reads, counts on or keeps one.
 *
 * <p>Always true: a full socket on one side holds back the other; who leaves takes the other side
 * along; an answer that breaks off never looks whole; a connection that may have half a body on it
 * is not used again.
 *
 * <p>Decisions: 0017 (pass-through), 0008 (time-outs).
 */
package dev.refrain.upstream.passthrough;
