package dev.refrain.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes a body that is all here. A small one in one write; a large one in pieces as the socket
 * takes them, for what is handed over at once is copied to direct memory at once.
 */
final class BodyWriter {
  private static final int PIECE = 128 * 1024;

  private final HttpServerResponse response;
  private final Buffer body;
  private int at;

  private BodyWriter(HttpServerResponse response, Buffer body) {
    this.response = response;
    this.body = body;
  }

  static void write(HttpServerResponse response, Buffer body) {
    if (body.length() <= PIECE) {
      response.end(body);
      return;
    }
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    new BodyWriter(response, body).pieces();
  }

  private void pieces() {
    while (!response.closed()) {
      int to = Math.min(body.length(), at + PIECE);
      Buffer piece = body.slice(at, to);
      at = to;
      if (at == body.length()) {
        response.end(piece);
        return;
      }
      response.write(piece);
      if (response.writeQueueFull()) {
        response.drainHandler(v -> pieces());
        return;
      }
    }
  }
}
