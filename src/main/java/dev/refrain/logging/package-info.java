/**
 * What is said on stderr, and how it gets there.
 *
 * <p>Read in this order: {@link dev.refrain.logging.Logging} (who may speak, how loudly), {@code
 * AsyncOutput} (the queue before the terminal), {@code LogLayouts} (plain, with its {@code
 * KeyValueFields}, or JSON), {@link dev.refrain.logging.StartupLogging} (until {@code serve} has
 * read its configuration).
 *
 * <p>Depends on: Logback.
 *
 * <p>Must never know: what is logged. Everybody else speaks through SLF4J.
 *
 * <p>Always true: nobody waits for a terminal or a pipe; what finds no room is dropped and counted;
 * one message is one line and one value one field, whatever is in it; libraries are not heard below
 * {@code info}, for they do not promise to keep bodies and keys to themselves.
 *
 * <p>Decisions: 0027 (logs).
 */
package dev.refrain.logging;
