package dev.refrain.completion;

import io.vertx.core.Future;

/**
 * An answer still being written: the head is known, frames follow.
 *
 * @param frames to be read once, on the request's event loop
 */
public record Streamed(Head head, Frames frames, Provenance provenance, Future<Entry> entry)
    implements Completion {

  /** A stream nobody may keep, from the upstream. */
  public static Streamed unkept(Head head, Frames frames) {
    return new Streamed(head, frames, Provenance.UPSTREAM, Entry.none());
  }
}
