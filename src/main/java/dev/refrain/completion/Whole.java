package dev.refrain.completion;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * An answer that is all here: a JSON document, an error page, or a stream that has ended and is
 * replayed at one go.
 *
 * @param body the bytes as the client shall get them, never modified after construction
 */
public record Whole(Head head, Buffer body, Provenance provenance, Future<Entry> entry)
    implements Completion {

  /** An answer nobody may keep, from the upstream. */
  public static Whole unkept(Head head, Buffer body) {
    return unkept(head, body, Wait.NONE);
  }

  /** The same, which was waited for. */
  public static Whole unkept(Head head, Buffer body, Wait waited) {
    return new Whole(head, body, Provenance.upstream(waited), Entry.none());
  }
}
