package dev.refrain.inference;

import io.vertx.core.Future;

/**
 * An answer still being written: the head is known, frames follow.
 *
 * @param frames to be read once, on the request's event loop
 * @param live lets other requests join; a request that joins does not read {@code frames}
 * @param check the check of the frames delivered so far
 */
public record Streamed(
    Head head,
    Frames frames,
    Live live,
    Language.CompletenessCheck check,
    Provenance provenance,
    Future<Entry> entry)
    implements InferenceResponse {

  @Override
  public Tokens tokens() {
    return check.tokens();
  }

  /** A stream from the upstream that must not be stored. */
  public static Streamed notStorable(Head head, Frames frames, Language.CompletenessCheck check) {
    return notStorable(head, frames, check, UpstreamTime.NONE);
  }

  /** The same, whose first frame was waited for. */
  public static Streamed notStorable(
      Head head, Frames frames, Language.CompletenessCheck check, UpstreamTime waited) {
    return new Streamed(head, frames, Live.NONE, check, Provenance.upstream(waited), Entry.none());
  }
}
