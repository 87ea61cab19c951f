package dev.refrain.inference;

import io.vertx.core.MultiMap;

/**
 * What accompanies a request without being part of what it asks for.
 *
 * @param id the request's id, for logs and {@code X-Request-Id}
 * @param headers the caller's, as received; read only. The upstream call decides which are
 *     forwarded
 * @param listener receives the steps of the request
 */
public record CallContext(String id, MultiMap headers, RequestListener listener) {
  /** A context without a listener. */
  public CallContext(String id, MultiMap headers) {
    this(id, headers, RequestListener.NONE);
  }

  /** The same, with other headers. */
  public CallContext with(MultiMap other) {
    return new CallContext(id, other, listener);
  }

  /** The same, with another listener. */
  public CallContext with(RequestListener other) {
    return new CallContext(id, headers, other);
  }
}
