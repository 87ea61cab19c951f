package dev.refrain.completion;

import io.vertx.core.Future;

/**
 * An answer still being written: the head is known, frames follow.
 *
 * @param frames to be read once, on the request's event loop
 * @param live by which others join; whoever joins leaves {@code frames} unread
 * @param evidence what the frames delivered so far have proven
 */
public record Streamed(
    Head head,
    Frames frames,
    Live live,
    Language.Evidence evidence,
    Provenance provenance,
    Future<Entry> entry)
    implements Completion {

  @Override
  public Tokens tokens() {
    return evidence.tokens();
  }

  /** A stream nobody may keep, from the upstream. */
  public static Streamed unkept(Head head, Frames frames, Language.Evidence evidence) {
    return unkept(head, frames, evidence, Wait.NONE);
  }

  /** The same, whose first frame was waited for. */
  public static Streamed unkept(Head head, Frames frames, Language.Evidence evidence, Wait waited) {
    return new Streamed(
        head, frames, Live.NONE, evidence, Provenance.upstream(waited), Entry.none());
  }
}
