package dev.refrain.cassette;

/**
 * A recorded request with one of its answers.
 *
 * @param sample which of the equal requests it was, from 1
 * @param line of the file it was read from; 0 if it was not
 */
public record Exchange(RecordedRequest request, int sample, RecordedAnswer answer, int line) {
  /** One that was not read from a file. */
  public Exchange(RecordedRequest request, int sample, RecordedAnswer answer) {
    this(request, sample, answer, 0);
  }
}
