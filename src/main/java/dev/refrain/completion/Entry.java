package dev.refrain.completion;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/**
 * A complete answer, proven whole, in the framing in which the upstream gave it.
 *
 * @param fingerprint what it answers; checked again wherever bytes come back from outside
 * @param framing how {@code body} is written: a JSON document, or events without comments and
 *     without the terminator
 * @param head status and the few headers worth keeping
 * @param body never modified
 * @param tokens what the answer cost
 * @param storedAt when it was made, in milliseconds of the epoch
 */
public record Entry(
    Fingerprint fingerprint,
    Framing framing,
    Head head,
    Buffer body,
    Tokens tokens,
    long storedAt) {

  private static final Future<Entry> NONE = Future.failedFuture(new NotKept());

  /** The entry of an answer that may not be kept. */
  public static Future<Entry> none() {
    return NONE;
  }

  /** What it weighs in a cache, in bytes: the body and what surrounds it. */
  public int weight() {
    return body.length() + 512;
  }

  private static final class NotKept extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotKept() {
      super("not kept", null, false, false);
    }
  }
}
