/**
 * From the configuration to the settings of the rooms: the only code that knows both.
 *
 * <p>Read in any order: {@link dev.refrain.binding.UpstreamBinding} and {@link
 * dev.refrain.binding.UpstreamServer} (upstreams with their certificates), {@link
 * dev.refrain.binding.RedisBinding}, {@link dev.refrain.binding.MemoryBinding}, {@link
 * dev.refrain.binding.ServerOptions} and {@link dev.refrain.binding.ServerCertificates} (the public
 * port), {@link dev.refrain.binding.ModelRoutes}.
 *
 * <p>Depends on: {@code config} and the rooms whose settings it makes.
 *
 * <p>Must never know: the pipeline, the process.
 *
 * <p>Always true: a room never reads the configuration itself.
 *
 * <p>Decisions: 0033 (configuration generations).
 */
package dev.refrain.binding;
