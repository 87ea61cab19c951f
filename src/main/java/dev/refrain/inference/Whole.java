package dev.refrain.inference;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * A complete answer: a JSON document, an error body, or a finished stream that is replayed at once.
 *
 * @param body the bytes for the client, never modified after construction
 * @param completeness the result of their check, made once, at their source
 */
public record Whole(
    Head head, Buffer body, Completeness completeness, Provenance provenance, Future<Entry> entry)
    implements InferenceResponse {

  /** An answer of the upstream that is no completion, such as an error. */
  public static Whole notStorable(Head head, Buffer body) {
    return notStorable(head, body, Completeness.NONE, UpstreamTime.NONE);
  }

  /** An answer of the upstream that must not be stored yet, and the time spent waiting for it. */
  public static Whole notStorable(
      Head head, Buffer body, Completeness completeness, UpstreamTime waited) {
    return new Whole(head, body, completeness, Provenance.upstream(waited), Entry.none());
  }

  /** The same answer, written otherwise. */
  public Whole with(Head otherHead, Buffer otherBody) {
    return new Whole(otherHead, otherBody, completeness, provenance, entry);
  }

  /** The same answer, which may be kept if that succeeds. */
  public Whole with(Future<Entry> kept) {
    return new Whole(head, body, completeness, provenance, kept);
  }

  /** The same answer for another request. */
  public Whole from(Provenance other) {
    return new Whole(head, body, completeness, other, entry);
  }

  @Override
  public Tokens tokens() {
    return completeness.tokens();
  }
}
