/**
 * A simulated upstream, and a guided tour that shows the proxy in front of it.
 *
 * <p>Read in this order: {@link dev.refrain.demo.SimulatedUpstream}, {@code SimulatedRequest},
 * {@code ChoiceSet}, {@code ChoiceGenerator}, {@code StreamWriter}; then {@link
 * dev.refrain.demo.Demo}, {@code Step}, {@code Expectation}, {@code DemoClient}, {@code Table}.
 *
 * <p>Depends on: no other package. The tour knows the proxy by its port and its answers only, as a
 * client does; {@link dev.refrain.demo.Demo.Proxy.Launcher} starts it.
 *
 * <p>Must never know: how the proxy works inside.
 *
 * <p>Always true: the tour prints only measurements, and every step is checked against its expected
 * result. A simulated call ends exactly once and leaves no timer behind.
 *
 * <p>Not mistakes: the upstream is strict where Refrain is lenient, so that what reaches it is seen
 * to be well-formed; its vocabulary has escapes, multi-byte words and surrogate pairs, and its
 * answers have fields and numbers that careless proxies lose. JSON trees are fine here: this is not
 * the path that must be fast.
 */
package dev.refrain.demo;
