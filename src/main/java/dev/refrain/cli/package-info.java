/**
 * The command line: {@code bin/refrain serve}, {@code doctor}, {@code explain}, {@code cache},
 * {@code record}, {@code replay}, {@code demo} and {@code upstream}.
 *
 * <p>Read in this order: {@link dev.refrain.cli.Main} (commands and exit codes), {@code
 * ServeCommand} with {@code WarmUp}, {@code Signals} and {@code PortErrors}, {@code DoctorCommand},
 * {@code ExplainCommand}, {@code CacheCommand} with {@code EntryStoreOptions} and {@code
 * EntryStore} (folders, Redis, running instances) and {@code EntryTable}, {@code RecordCommand} and
 * {@code ReplayCommand} with {@code JobOptions} and {@code ChildCommand}, {@code EmbeddedProxy}
 * (the proxy as the demo starts it).
 *
 * <p>Depends on: the root, every room that it starts or checks.
 *
 * <p>Must never know: requests and responses.
 *
 * <p>Always true: a configuration error is one line on stderr and exit status 2, without a stack
 * trace.
 *
 * <p>Decisions: 0028 (doctor), 0029 (startup), 0081 (record and replay).
 */
package dev.refrain.cli;
