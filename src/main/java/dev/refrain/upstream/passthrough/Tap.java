package dev.refrain.upstream.passthrough;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * Sees what passes in one exchange, and changes nothing of it. Called on the event loop of the
 * exchange, before the bytes are forwarded; must not block. How the exchange ends is the future of
 * {@link PassThrough#apply}.
 */
public interface Tap {
  /** Sees nothing. */
  Tap NONE = new Tap() {};

  /** Bytes of the request's body. */
  default void sent(Buffer bytes) {}

  /** The head of the answer, as the upstream sent it. Not called for a WebSocket. */
  default void head(int status, MultiMap headers) {}

  /** Bytes of the answer's body. */
  default void received(Buffer bytes) {}

  /**
   * Whether the answer is read to its end even if the caller leaves in the middle of it. Asked when
   * the caller has left.
   */
  default boolean takesRest() {
    return false;
  }
}
