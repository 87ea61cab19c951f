package dev.refrain.inference;

import io.vertx.core.buffer.Buffer;

/** The body of a request, ready to be written for either framing. */
@FunctionalInterface
public interface Content {
  /**
   * The bytes to send.
   *
   * @param framing what to ask for
   * @param usage whether a stream reports its usage; without meaning for a whole answer
   */
  Buffer bytes(Framing framing, boolean usage);

  /**
   * Whether a client that requests usage wants it in every chunk ({@code continuous_usage_stats}).
   */
  default boolean asksContinuousUsage() {
    return false;
  }

  /** How many parts of its request may go upstream in the same call, itself included. */
  default int siblings() {
    return 1;
  }

  /** How much input the body carries; the usage of a call for several parts is divided by it. */
  default Input input() {
    return new Input(0, false);
  }

  /**
   * An amount of input.
   *
   * @param size tokens, or bytes where it is written as text
   * @param isTokens whether {@code size} counts tokens
   */
  record Input(long size, boolean isTokens) {}

  /** Whether the client requests usage on a stream. Otherwise Refrain may request it itself. */
  default boolean asksUsage() {
    return false;
  }
}
