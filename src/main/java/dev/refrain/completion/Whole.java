package dev.refrain.completion;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * An answer that is all here: a JSON document, an error page, or a stream that has ended and is
 * replayed at one go.
 *
 * @param body the bytes as the client shall get them, never modified after construction
 * @param proof what they prove, looked at once, where they came from
 */
public record Whole(Head head, Buffer body, Proof proof, Provenance provenance, Future<Entry> entry)
    implements Completion {

  /** What the upstream said that is no completion. */
  public static Whole unkept(Head head, Buffer body) {
    return unkept(head, body, Proof.NONE, Wait.NONE);
  }

  /** An answer of the upstream that nobody may keep yet, and how long it was waited for. */
  public static Whole unkept(Head head, Buffer body, Proof proof, Wait waited) {
    return new Whole(head, body, proof, Provenance.upstream(waited), Entry.none());
  }

  /** The same answer, written otherwise. */
  public Whole with(Head otherHead, Buffer otherBody) {
    return new Whole(otherHead, otherBody, proof, provenance, entry);
  }

  /** The same answer, which may be kept if that succeeds. */
  public Whole with(Future<Entry> kept) {
    return new Whole(head, body, proof, provenance, kept);
  }

  /** The same answer as somebody else gets it. */
  public Whole from(Provenance other) {
    return new Whole(head, body, proof, other, entry);
  }

  @Override
  public Tokens tokens() {
    return proof.tokens();
  }
}
