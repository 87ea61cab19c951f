/**
 * The HTTP side of {@code record} and {@code replay}: a port for one command.
 *
 * <p>Read in this order: {@link dev.refrain.job.JobServer} (the port), {@link
 * dev.refrain.job.RecordHandler} with {@code RecordTap} and {@link dev.refrain.job.RecordLimits}
 * (passes on and records), {@link dev.refrain.job.ReplayHandler} with {@code AnswerPlayer} (answers
 * from a cassette), {@code BodyInAdvance}, {@code Secrets} (credentials stay out of files), {@link
 * dev.refrain.job.JobReport} with {@code JobTally}.
 *
 * <p>Depends on: {@code cassette}, {@code inference}, {@code sse}; of {@code upstream} what passes
 * through.
 *
 * <p>Must never know: processes, files, the configuration.
 *
 * <p>Always true: while recording, a client sees what the upstream sent; what cannot be recorded is
 * counted and reported; a credential never reaches a cassette.
 *
 * <p>Decisions: 0080 (cassettes), 0081 (record and replay).
 */
package dev.refrain.job;
