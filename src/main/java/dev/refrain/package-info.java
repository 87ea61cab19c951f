/**
 * The proxy as a whole: its parts, their order and their lifetimes.
 *
 * <p>Read in this order: {@code Pipeline} (the stages of a request, and the reason for each
 * position), {@code ProxyVerticle} (the port on one event loop), {@link dev.refrain.Refrain} (a
 * running process), then the objects by lifetime: {@code ProcessState} (the process), {@code
 * Connections} (an event loop), {@code ConfigGeneration} (one configuration). {@code Api} lists the
 * endpoints. {@code CacheExplainer} and {@code RequestExplanation} say what a request meets, {@code
 * BudgetList} what keys have spent. The command line is in {@code cli}, the settings of each room
 * in {@code binding}, and what a process has besides its pipelines in {@code runtime}.
 *
 * <p>Depends on: every package but {@code cli}. Only {@code cli} and the tests depend on it.
 *
 * <p>Must never know: how a package does its work.
 *
 * <p>Always true: no stage knows that configurations change; a request ends in the generation in
 * which it began; a start that fails leaves nothing running.
 *
 * <p>Decisions: 0033 (editions), 0034 (draining).
 */
package dev.refrain;
