package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Deadlines;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * Keeps a client's connection open briefly after an early response, because closing it with unread
 * bytes causes a reset that can overtake the response (RFC 9112 §9.6).
 */
final class Linger implements Deadlines.Timed {
  private static final long NANOS = 1_000_000_000;
  private static final long NO_ERROR = 0; // RFC 9113 §8.1

  private final HttpServerRequest request;
  private final Deadlines deadlines;
  private final long due = System.nanoTime() + NANOS;

  private Linger(HttpServerRequest request, Deadlines deadlines) {
    this.request = request;
    this.deadlines = deadlines;
  }

  static void on(HttpServerRequest request, Deadlines deadlines) {
    Linger linger = new Linger(request, deadlines);
    deadlines.add(linger);
    request.endHandler(v -> linger.overdue());
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void overdue() {
    deadlines.remove(this);
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(NO_ERROR);
    } else {
      request.connection().close();
    }
  }
}
