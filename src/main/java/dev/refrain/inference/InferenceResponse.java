package dev.refrain.inference;

import io.vertx.core.Future;

/** An answer whose head is known: either {@link Whole}, or {@link Streamed} with frames to come. */
public sealed interface InferenceResponse permits Whole, Streamed {
  /** Status and headers. */
  Head head();

  /** Where the answer came from. */
  Provenance provenance();

  /** The usage that it has reported so far. */
  Tokens tokens();

  /**
   * What may be kept of this answer: succeeds on the request's event loop once the answer is proven
   * whole, fails (without a message for anyone) when nothing may be kept.
   */
  Future<Entry> entry();
}
