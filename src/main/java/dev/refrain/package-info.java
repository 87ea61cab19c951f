/**
 * The proxy as a whole: its parts, their order and their lifetimes.
 *
 * <p>Read in this order: {@code Pipeline} (the stages of a request, and the reason for each
 * position), {@code ProxyVerticle} (the port on one event loop), {@link dev.refrain.Refrain} (a
 * running process), then the objects by lifetime: {@code ProcessState} (the process), {@code
 * Connections} (an event loop), {@code ConfigGeneration} and {@code UpstreamServer} (one
 * configuration, and an upstream that stays in it), {@code ConfigReloader} (from one generation to
 * the next). {@code Main} and {@code ServeCommand} are the command line; classes that end in {@code
 * Binding} map the configuration to the settings of a package.
 *
 * <p>Depends on: every package. Only the tests depend on it.
 *
 * <p>Must never know: how a package does its work.
 *
 * <p>Always true: no stage knows that configurations change; a request ends in the generation in
 * which it began; a start that fails leaves nothing running.
 *
 * <p>Decisions: 0033 (editions), 0034 (draining).
 */
package dev.refrain;
