/**
 * Recordings: one writer and many readers, each with its own cursor, so that a stream can be stored
 * and joined while it is in progress.
 *
 * <p>Read in this order: {@link dev.refrain.recording.Recorder} (the stage), {@link
 * dev.refrain.recording.Recording} (the writer), {@code Cursor} (a reader), {@code
 * Recorder.WithoutUsage} (what it leaves out).
 *
 * <p>Depends on: {@code inference}.
 *
 * <p>Must never know: the content of a frame (the completeness check does), where answers are
 * stored.
 *
 * <p>Always true: a recording within its size limit never waits for a reader; beyond it, it is
 * neither joined nor stored, and follows its slowest reader; existing readers are never failed.
 *
 * <p>Decisions: 0007 (recordings), 0064 (members beside the usage).
 */
package dev.refrain.recording;
