/**
 * The command line: {@code bin/refrain serve}, {@code demo}, {@code upstream} and {@code doctor}.
 *
 * <p>Read in this order: {@link dev.refrain.cli.Main} (commands and exit codes), {@code
 * ServeCommand} with {@code Signals} and {@code PortErrors}, {@code DoctorCommand}, {@code
 * EmbeddedProxy} (the proxy as the demo starts it).
 *
 * <p>Depends on: the root, every room that it starts or checks.
 *
 * <p>Must never know: requests and responses.
 *
 * <p>Always true: a configuration error is one line on stderr and exit status 2, without a stack
 * trace.
 *
 * <p>Decisions: 0028 (doctor), 0029 (startup).
 */
package dev.refrain.cli;
