package dev.refrain.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;

/**
 * The body of a call, sent in pieces as the server takes them where it is large: what is handed to
 * a socket at once is copied to direct memory at once.
 */
final class PiecewiseBody {
  private static final int PIECE = 16 * 1024;

  private final HttpClientRequest call;
  private final Buffer body;
  private final Promise<Void> sent = Promise.promise();
  private int at;

  private PiecewiseBody(HttpClientRequest call, Buffer body) {
    this.call = call;
    this.body = body;
  }

  /** Sends a body. Done when all of it is written; fails when a piece of it cannot be. */
  static Future<Void> send(HttpClientRequest call, Buffer body) {
    if (body.length() <= PIECE) {
      return call.end(body);
    }
    call.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    PiecewiseBody pieces = new PiecewiseBody(call, body);
    call.drainHandler(v -> pieces.next());
    pieces.next();
    return pieces.sent.future();
  }

  private void next() {
    while (at < body.length() && !sent.future().isComplete()) {
      int to = Math.min(body.length(), at + PIECE);
      Buffer piece = body.slice(at, to);
      at = to;
      if (at == body.length()) {
        call.end(piece).onComplete(sent::tryComplete, sent::tryFail);
        return;
      }
      call.write(piece).onFailure(sent::tryFail);
      if (call.writeQueueFull()) {
        return;
      }
    }
  }
}
