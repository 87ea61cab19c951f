/**
 * Pass-through: requests and responses that are forwarded unchanged.
 *
 * <p>Read in this order: {@link dev.refrain.upstream.passthrough.PassThrough} (which request goes
 * where), {@code RequestTarget} (the request target, and what is rejected), {@code ProxiedExchange}
 * (life cycle of one request), {@code Upload} and {@code Download} (the two directions), {@code
 * Tunnel} (WebSockets), {@code Pump} (bytes one way), {@code HeaderCopier} (header fields removed
 * and added), {@code TimeoutPhase} (its timeouts), {@code Linger} (early responses), {@code Tap}
 * (seen by others).
 *
 * <p>Depends on: {@code inference}; of {@code upstream} what all calls need (target, deadlines,
 * header policy, credential); Vert.x' HTTP client and server.
 *
 * <p>Must never know: bodies. Nothing here reads, interprets or stores one.
 *
 * <p>Always true: a full socket on one side pauses the other; when one side closes, the other does
 * too; an interrupted response never looks complete; a connection with an incomplete body is not
 * reused.
 *
 * <p>Decisions: 0017 (pass-through), 0008 (timeouts), 0080 (taps).
 */
package dev.refrain.upstream.passthrough;
