package dev.refrain.redis;

import io.vertx.core.Future;

/** Makes a connection to wherever the server is at that moment. */
@FunctionalInterface
interface Connector {
  /** A new connection, greeted and ready; what fails has closed its socket. */
  Future<PipelinedConnection> dial();
}
