package dev.refrain.inference;

/**
 * Receives the tokens that upstreams are paid for a request, to charge them to a key. Called on the
 * request's event loop, must not block; never receives a prompt, an answer or a key.
 */
@FunctionalInterface
public interface CostListener {
  /** Charges nothing. */
  CostListener NONE = (model, paid) -> {};

  /**
   * An upstream has answered a call that was made for this request: once for each part, even if the
   * request was cancelled. It is not called for stored answers or for calls made for other
   * requests.
   *
   * @param model as requested
   * @param paid the usage that the upstream reported; for a stream without usage, or one that broke
   *     off, one token for each chunk
   */
  void paid(String model, Tokens paid);

  /** The name of the key that is charged, or empty. */
  default String name() {
    return "";
  }

  /** The tenant of the key that is charged, or empty. */
  default String tenant() {
    return "";
  }
}
