package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.keys.Key;

/**
 * Collects the fields of one access log line while the request is in progress, and writes the line
 * at the end. On the request's event loop.
 */
interface AccessListener extends RequestListener {
  /** A request there is no line for. */
  AccessListener NONE = (step, whom) -> {};

  /** Whether the request may see what others may not. */
  default boolean isDetailed() {
    return false;
  }

  /** The id it is answered with. */
  default void named(String id) {}

  /** Its header fields count by these roles. */
  default void roles(FieldRoles roles) {}

  /** It was let in by this key. */
  default void opened(Key key) {}

  /** It is an inference request with this model. */
  default void authenticated(InferenceRequest request) {}

  /** The head of its answer goes out. */
  default void responding(InferenceResponse answer) {}

  /** The first byte that the caller waits for goes out. */
  default void firstByte() {}

  /**
   * It is over.
   *
   * @param status as sent, or as it would have been
   * @param bytes of the body
   */
  default void ended(int status, long bytes) {}

  /**
   * It is over, and there was no answer.
   *
   * @param bytes of the body that said so
   */
  default void refused(Failure failure, long bytes) {}
}
