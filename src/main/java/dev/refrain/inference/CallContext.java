package dev.refrain.inference;

import io.vertx.core.MultiMap;

/**
 * What accompanies a request without being part of what it asks for.
 *
 * @param id the request's id, for logs and {@code X-Request-Id}
 * @param headers the caller's, as received; read only. The upstream call decides which are
 *     forwarded
 * @param listener receives the steps of the request
 * @param costs receives what the request costs
 */
public record CallContext(
    String id, MultiMap headers, RequestListener listener, CostListener costs) {
  /** A context without listeners. */
  public CallContext(String id, MultiMap headers) {
    this(id, headers, RequestListener.NONE, CostListener.NONE);
  }

  /** The same, with other headers. */
  public CallContext with(MultiMap other) {
    return new CallContext(id, other, listener, costs);
  }

  /** The same, with another listener. */
  public CallContext with(RequestListener other) {
    return new CallContext(id, headers, other, costs);
  }
}
