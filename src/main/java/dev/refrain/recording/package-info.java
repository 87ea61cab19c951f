/**
 * One writer, many readers, each at its own place: what makes keeping a stream, and joining it
 * live, possible.
 *
 * <p>Read in this order: {@link dev.refrain.recording.Recorder} (the stage), {@link
 * dev.refrain.recording.Recording} (the writer's side), {@code Cursor} (a reader's side).
 *
 * <p>Depends on: completion.
 *
 * <p>Must never know: what a frame says (the stream's evidence does), where answers are kept.
 *
 * <p>Always true: a recording within its bound never waits for a reader; past its bound it is
 * neither joined nor kept, and follows its slowest reader; nobody who reads already is failed.
 *
 * <p>Decisions: 0007 (recordings).
 */
package dev.refrain.recording;
