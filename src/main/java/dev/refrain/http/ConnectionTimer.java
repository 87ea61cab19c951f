package dev.refrain.http;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Observer;
import dev.refrain.sse.ErrorBody;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Time limits of one connection: for its first request, and between requests. While something is
 * under way for it there is no hurry.
 */
final class ConnectionTimer implements Deadlines.Timed {
  private static final long NO_HURRY = Duration.ofDays(3650).toNanos();

  private final Socket socket;
  private final boolean welcome;
  private final Duration keepAlive;
  private final BooleanSupplier closing;
  private final Observer observer;
  private final Handler<Void> answered = v -> answered();

  private int asked;
  private boolean readAt;
  private boolean closed;
  private long due;

  /**
   * A stay that begins now.
   *
   * @param welcome false if there is no room and it only gets an error response
   * @param closing whether all connections are being closed
   */
  ConnectionTimer(
      Socket socket,
      boolean welcome,
      Duration first,
      Duration keepAlive,
      BooleanSupplier closing,
      Observer observer) {
    this.socket = socket;
    this.welcome = welcome;
    this.keepAlive = keepAlive;
    this.closing = closing;
    this.observer = observer;
    this.due = System.nanoTime() + first.toNanos();
  }

  boolean isWelcome() {
    return welcome;
  }

  /** The head of a request has arrived. */
  void asks(HttpServerRequest request) {
    readAt = true;
    asked++;
    due = System.nanoTime() + NO_HURRY;
    request.response().endHandler(answered);
    if (closing.getAsBoolean() && request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      closed = true;
    }
  }

  private void answered() {
    if (--asked > 0) {
      return;
    }
    // Not within this call: a server that is shut down would wait for the end of this very answer.
    wait(closed ? Duration.ZERO : keepAlive);
  }

  private void wait(Duration limit) {
    due = System.nanoTime() + limit.toNanos();
  }

  @Override
  public long due() {
    return due;
  }

  @Override
  public void overdue() {
    if (socket.hasStreams()) { // a cancelled one does not report its end
      wait(keepAlive);
    } else if (!readAt && socket.isPlain()) {
      observer.rejected(Observer.RejectReason.SLOW);
      wait(keepAlive); // for the last words to be taken
      readAt = true;
      socket.lastWords(tooSlow());
    } else {
      socket.close();
    }
  }

  private static String tooSlow() {
    Buffer body =
        ErrorBody.of(Failure.of(Kind.REQUEST_TIMEOUT, "timeout while waiting for a request"));
    return "HTTP/1.1 408 Request Timeout\r\n"
        + "content-type: application/json\r\n"
        + "connection: close\r\n"
        + "content-length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }
}
