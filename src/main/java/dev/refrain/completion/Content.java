package dev.refrain.completion;

import io.vertx.core.buffer.Buffer;

/** The body of a request, ready to be written for either framing. */
@FunctionalInterface
public interface Content {
  /**
   * The bytes to send.
   *
   * @param framing what to ask for
   * @param usage whether a stream shall report its usage; without meaning for a whole answer
   */
  Buffer bytes(Framing framing, boolean usage);

  /**
   * Whether its writer asks for a stream that reports its usage; else whoever does is one of us.
   */
  default boolean asksUsage() {
    return false;
  }
}
