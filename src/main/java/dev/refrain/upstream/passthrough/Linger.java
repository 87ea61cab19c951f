package dev.refrain.upstream.passthrough;

import dev.refrain.upstream.Watch;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * Keeps a caller's connection open for a moment who was answered before all of its body had come: a
 * connection closed on unread bytes is reset, and the reset overtakes the answer (RFC 9112 §9.6).
 */
final class Linger implements Watch.Watched {
  private static final long NANOS = 1_000_000_000;
  private static final long NO_ERROR = 0; // RFC 9113 §8.1

  private final HttpServerRequest request;
  private final Watch watch;
  private final long due = System.nanoTime() + NANOS;

  private Linger(HttpServerRequest request, Watch watch) {
    this.request = request;
    this.watch = watch;
  }

  static void on(HttpServerRequest request, Watch watch) {
    Linger linger = new Linger(request, watch);
    watch.add(linger);
    request.endHandler(v -> linger.overdue());
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void overdue() {
    watch.remove(this);
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(NO_ERROR);
    } else {
      request.connection().close();
    }
  }
}
