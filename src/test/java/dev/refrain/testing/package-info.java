/**
 * What tests of the whole program stand on: an upstream that plays a script, the proxy in front of
 * it, and a client that says exactly the bytes it is told.
 *
 * <p>Read in this order: {@link dev.refrain.testing.Script}, {@link
 * dev.refrain.testing.ScriptedUpstream}, {@link dev.refrain.testing.Proxy}, {@link
 * dev.refrain.testing.RawClient}.
 *
 * <p>Depends on: the JDK's blocking sockets, on purpose. A test that judges an event-driven program
 * should not share its network stack, and a script reads best as one line after the other.
 *
 * <p>Always true: no fixed port, no sleep, no wait without a limit.
 */
package dev.refrain.testing;
