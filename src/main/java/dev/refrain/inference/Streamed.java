package dev.refrain.inference;

import io.vertx.core.Future;

/**
 * An answer still being written: the head is known, frames follow.
 *
 * @param frames to be read once, on the request's event loop; others join them
 * @param check the check of the frames delivered so far
 */
public record Streamed(
    Head head,
    Frames frames,
    Language.CompletenessCheck check,
    Provenance provenance,
    Future<Entry> entry)
    implements InferenceResponse {

  @Override
  public Tokens tokens() {
    return check.tokens();
  }

  /** The same answer with other frames. */
  public Streamed with(Frames other) {
    return new Streamed(head, other, check, provenance, entry);
  }

  /** The same answer with another entry. */
  public Streamed with(Future<Entry> other) {
    return new Streamed(head, frames, check, provenance, other);
  }

  /** A stream from the upstream that must not be stored. */
  public static Streamed notStorable(Head head, Frames frames, Language.CompletenessCheck check) {
    return notStorable(head, frames, check, UpstreamTime.NONE);
  }

  /** The same, whose first frame was waited for. */
  public static Streamed notStorable(
      Head head, Frames frames, Language.CompletenessCheck check, UpstreamTime waited) {
    return new Streamed(head, frames, check, Provenance.upstream(waited), Entry.none());
  }
}
