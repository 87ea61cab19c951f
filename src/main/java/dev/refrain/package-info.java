/**
 * The proxy as a whole: what it is made of, in which order, and for how long.
 *
 * <p>Read in this order: {@code Pipeline} (the way of a request, and the reason for each place),
 * {@code ProxyVerticle} (the port on one event loop), {@link dev.refrain.Refrain} (a running
 * process), then who lives how long: {@code ProcessState} (as long as the process), {@code
 * Connections} (as an event loop), {@code ConfigGeneration} and {@code UpstreamServer} (as a
 * configuration, and as an upstream that stays in it), {@code ConfigReloader} (from one edition to
 * the next). {@code Main} and {@code ServeCommand} are the command line; what ends in {@code Words}
 * says the configuration in the words of a room.
 *
 * <p>Depends on: every room. Nobody depends on it but the tests.
 *
 * <p>Must never know: how a room does what it does.
 *
 * <p>Always true: no stage knows that configurations change; what is under way ends in the edition
 * it began in; a start that fails leaves nothing running.
 *
 * <p>Decisions: 0033 (editions), 0034 (draining).
 */
package dev.refrain;
