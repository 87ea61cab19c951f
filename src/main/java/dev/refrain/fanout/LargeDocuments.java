package dev.refrain.fanout;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;

/** Takes large documents apart and puts them together on worker threads. */
final class LargeDocuments {
  /** Bytes that a loop reads in a few milliseconds. */
  private static final long LARGE = 1 << 20;

  private LargeDocuments() {}

  /**
   * Runs a pure function, at once unless it reads many bytes.
   *
   * @param bytes that it reads
   * @return completes on the caller's event loop; fails with what the function throws
   */
  static <T> Future<T> read(Vertx vertx, long bytes, Callable<T> function) {
    if (bytes > LARGE) {
      return vertx.executeBlocking(function, false);
    }
    try {
      return Future.succeededFuture(function.call());
    } catch (Exception failure) {
      return Future.failedFuture(failure);
    }
  }
}
