package dev.refrain.http;

import dev.refrain.json.Rope;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes a body that is all here. A small one in one write; a large one in pieces as the socket
 * takes them, because Netty copies all of a write to direct memory.
 */
final class BodyWriter {
  /** Bytes handed to a socket at once. */
  static final int PIECE = 16 * 1024;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Buffer body;
  private final boolean kept;
  private final SlowReaders readers;
  private final Runnable left;
  private HeldResponse held;
  private long holding;
  private int at;
  private boolean over;

  private BodyWriter(
      HttpServerRequest request, Buffer body, boolean kept, SlowReaders readers, Runnable left) {
    this.request = request;
    this.response = request.response();
    this.body = body;
    this.kept = kept;
    this.readers = readers;
    this.left = left;
  }

  /**
   * Writes a body as the response to a request, and ends it.
   *
   * @param kept whether its bytes are kept in any case, however long this takes
   * @param left runs if the caller leaves before all of it is handed over
   */
  static void write(
      HttpServerRequest request, Buffer body, boolean kept, SlowReaders readers, Runnable left) {
    HttpServerResponse response = request.response();
    if (body.length() <= PIECE) {
      response.end(body);
      return;
    }
    if (!response.headWritten()) { // else white space kept the caller waiting
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    }
    new BodyWriter(request, body, kept, readers, left).pieces();
  }

  private void pieces() {
    while (!over && !response.closed()) { // a piece that is sent at once may call for the next
      int to = Math.min(body.length(), at + PIECE);
      Buffer piece = body.slice(at, to);
      at = to;
      if (at == body.length()) {
        end();
        response.end(piece);
        return;
      }
      response.write(piece);
      if (response.writeQueueFull()) {
        await();
        return;
      }
    }
  }

  private void await() {
    if (response.closed()) {
      left(); // within the write; nothing would report it again
      return;
    }
    if (held == null) {
      held = new HeldResponse(request, readers);
      holding = kept ? Rope.overhead(body) : Rope.weight(body); // once: it looks at every part
      // Both are needed: which of them is called depends on how the caller leaves.
      response.exceptionHandler(cause -> left()).closeHandler(v -> left());
      response.drainHandler(v -> drained());
    }
    held.await(holding);
  }

  private void drained() {
    if (!over) {
      held.goOn();
      pieces();
    }
  }

  private void left() {
    if (!over) {
      end();
      left.run();
    }
  }

  private void end() {
    over = true;
    if (held != null) {
      held.end();
    }
  }
}
