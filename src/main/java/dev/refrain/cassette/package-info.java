/**
 * Cassettes: files of recorded HTTP exchanges, and how a request finds its recording.
 *
 * <p>Read in this order: {@link dev.refrain.cassette.RecordedRequest} and {@link
 * dev.refrain.cassette.RequestForms} (what makes two requests equal), {@link
 * dev.refrain.cassette.RecordedAnswer}, {@link dev.refrain.cassette.Exchange}, {@link
 * dev.refrain.cassette.Cassette} (which answer comes next), {@code FieldDifference} (the nearest
 * recording), {@code LineWriter} and {@code LineReader} (a line), {@link
 * dev.refrain.cassette.CassetteFiles} (the files), {@link dev.refrain.cassette.SampleOrder}
 * (numbers of equal requests), {@link dev.refrain.cassette.Usage} (tokens of an answer).
 *
 * <p>Depends on: {@code inference}, {@code json}, {@code sse}, {@code openai}.
 *
 * <p>Must never know: sockets, processes, credentials.
 *
 * <p>Always true: the same exchanges give the same bytes, in whatever order they were recorded; a
 * file that is not understood is an error that names its line, never a guess.
 *
 * <p>Decisions: 0080 (cassettes).
 */
package dev.refrain.cassette;
