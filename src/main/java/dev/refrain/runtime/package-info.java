/**
 * What a process has besides its pipelines: its configuration file and reloads, its health, its
 * purges, and the limits and budgets of its keys.
 *
 * <p>Read in this order: {@link dev.refrain.runtime.ConfigFile} and {@link
 * dev.refrain.runtime.ConfigReloader}, {@link dev.refrain.runtime.Health} with {@link
 * dev.refrain.runtime.Health.Readiness} and {@link dev.refrain.runtime.Strain}, {@link
 * dev.refrain.runtime.PurgeService}, {@link dev.refrain.runtime.KeyLimits}, {@link
 * dev.refrain.runtime.OpenFiles}, {@link dev.refrain.runtime.Version}.
 *
 * <p>Depends on: {@code config}, {@code cache}, {@code keys}, {@code memory}, {@code upstream}.
 *
 * <p>Must never know: the pipeline, the ports.
 *
 * <p>Decisions: 0014 (purge), 0033 (configuration generations), 0037 (key limits of a fleet), 0100
 * (budgets).
 */
package dev.refrain.runtime;
