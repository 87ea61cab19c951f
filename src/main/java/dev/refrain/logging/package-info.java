/**
 * Log messages on stderr.
 *
 * <p>Read in this order: {@link dev.refrain.logging.Logging} (loggers and levels), {@code
 * AsyncOutput} (the queue before stderr), {@code LogLayouts} (plain, with its {@code
 * KeyValueFields}, or JSON), {@link dev.refrain.logging.StartupLogging} (until {@code serve} has
 * read its configuration).
 *
 * <p>Depends on: Logback.
 *
 * <p>Must never know: what is logged. All other packages log through SLF4J.
 *
 * <p>Always true: no thread waits for a terminal or a pipe; messages beyond the queue are dropped
 * and counted; one message is one line and one value is one field, whatever they contain; libraries
 * log at {@code info} or above, because they do not promise to omit bodies and keys.
 *
 * <p>Decisions: 0027 (logs).
 */
package dev.refrain.logging;
