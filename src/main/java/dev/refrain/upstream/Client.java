package dev.refrain.upstream;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;

/** Sends requests to one server, each on a connection of its own while it lasts. One event loop. */
public interface Client {
  /** A request on any connection of the pool. */
  Future<HttpClientRequest> request(RequestOptions options);

  /**
   * A request on a connection that has carried none. Idle connections that have are closed first:
   * where one of them failed under a request, the others are not to be trusted.
   */
  Future<HttpClientRequest> fresh(RequestOptions options);

  /** Whether the connection of a request that is about to be sent has carried another one. */
  boolean isReused(HttpClientRequest request);

  /** Closes the connection of a request whose exchange did not come to its end. */
  void abandon(HttpClientRequest request);
}
