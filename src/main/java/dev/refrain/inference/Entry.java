package dev.refrain.inference;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * A complete answer, proven whole, in the framing in which the upstream gave it.
 *
 * @param fingerprint the requests that it answers; checked whenever bytes are read from a tier
 * @param framing how {@code body} is written: a JSON document, or events without comments and
 *     without the terminator
 * @param head status and the few headers worth keeping
 * @param body never modified
 * @param tokens what the answer cost
 * @param storedAt when it was requested, in milliseconds of the epoch; its age counts from there
 *     (RFC 9111 §4.2.3), and a purge in the middle of a call concerns its answer
 * @param model as requested
 * @param scope a hash of the caller
 * @param ttl how long it is fresh, in milliseconds; 0 is as long as its store says
 * @param namespace the part of the scope it belongs to; empty is the common one
 * @param endpoint whose answer it is, by its label; empty if that is not known
 */
public record Entry(
    Fingerprint fingerprint,
    Framing framing,
    Head head,
    Buffer body,
    Tokens tokens,
    long storedAt,
    String model,
    long scope,
    long ttl,
    String namespace,
    String endpoint) {

  private static final Future<Entry> NONE = Future.failedFuture(new NotStorable());

  /** An entry of the common namespace that is fresh as long as its store says. */
  public Entry(
      Fingerprint fingerprint,
      Framing framing,
      Head head,
      Buffer body,
      Tokens tokens,
      long storedAt,
      String model,
      long scope) {
    this(fingerprint, framing, head, body, tokens, storedAt, model, scope, 0, "", "");
  }

  /**
   * When it stops being fresh, in milliseconds of the epoch.
   *
   * @param ofStore how long entries are fresh that do not say it, in milliseconds
   */
  public long expiresAt(long ofStore) {
    return storedAt + (ttl == 0 ? ofStore : ttl);
  }

  /** The entry of an answer that may not be kept. */
  public static Future<Entry> none() {
    return NONE;
  }

  /**
   * The answer this entry gives to a request, in the requested framing; empty if it cannot give it
   * without inventing something.
   */
  public Optional<InferenceResponse> answer(InferenceRequest request, Provenance from) {
    return request
        .language()
        .render(this, request.framing(), request.usage())
        .map(
            bytes ->
                new Whole(
                    head(request.framing()),
                    bytes,
                    completeness(),
                    from,
                    Future.succeededFuture(this)));
  }

  /** Whether it was proven complete when it was recorded. */
  public Completeness completeness() {
    return new Completeness(true, tokens);
  }

  private Head head(Framing asked) {
    if (asked == framing) {
      return head;
    }
    String type = asked == Framing.STREAM ? Head.EVENT_STREAM : "application/json";
    return head.with(type);
  }

  /** Its size in a cache, in bytes: the body and the objects around it. */
  public int weight() {
    return body.length() + 512;
  }

  private static final class NotStorable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotStorable() {
      super("not kept", null, false, false);
    }
  }
}
