package dev.refrain.upstream.passthrough;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** Forwards the upstream's answer to the client, each read at once. */
final class Download {
  private final HttpServerRequest request;
  private final HttpServerResponse to;
  private final HttpClientResponse from;
  private final ProxiedExchange proxiedExchange;
  private final Pump pump;
  private boolean drained;

  Download(HttpServerRequest request, HttpClientResponse from, ProxiedExchange proxiedExchange) {
    this.request = request;
    this.to = request.response();
    this.from = from;
    this.proxiedExchange = proxiedExchange;
    this.pump = new Pump(from, to, proxiedExchange::progress);
    pump.copyTo(proxiedExchange.tap()::received);
  }

  /**
   * Sends the head at once, and the body as it comes.
   *
   * @param last whether the caller's connection is to be closed behind this answer
   */
  void start(boolean last) {
    HeaderCopier.response(from, proxiedExchange.target(), to);
    if (last && request.version() != HttpVersion.HTTP_2) {
      to.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null) {
      to.putHeader(HttpHeaders.CONTENT_LENGTH, length);
    }
    if (hasBody()) {
      beginBody(length == null);
    }
    pump.start(v -> end());
  }

  private void beginBody(boolean ofUnknownLength) {
    if (!ofUnknownLength) {
      to.writeHead();
    } else if (request.version() == HttpVersion.HTTP_1_0) {
      to.write(Buffer.buffer()); // it ends with the connection (RFC 9112 §6.3)
    } else {
      to.setChunked(true).writeHead();
    }
  }

  // RFC 9110 §6.4.1
  private boolean hasBody() {
    int status = from.statusCode();
    return request.method() != HttpMethod.HEAD && status != 204 && status != 304;
  }

  /** The caller has left, and the tap takes the rest. */
  void drain() {
    drained = true;
    pump.discard();
  }

  private void end() {
    if (drained) {
      proxiedExchange.downloaded();
      return;
    }
    if (to.closed() || to.ended()) {
      return;
    }
    if (to.isChunked()) {
      HeaderCopier.trailers(from, to);
    }
    boolean endsWithConnection =
        request.version() == HttpVersion.HTTP_1_0
            && !to.headers().contains(HttpHeaders.CONTENT_LENGTH);
    to.end()
        .onComplete(
            v -> {
              if (endsWithConnection) {
                request.connection().close();
              }
            });
    proxiedExchange.downloaded();
  }

  void stop() {
    pump.stop();
  }

  /** The side that must send next, once the upload is complete. */
  TimeoutPhase waitsFor() {
    if (pump.isHeld()) {
      return TimeoutPhase.READER;
    }
    return pump.bytes() == 0 ? TimeoutPhase.FIRST_BYTE : TimeoutPhase.NEXT_BYTE;
  }

  boolean isHeld() {
    return pump.isHeld();
  }

  int status() {
    return from.statusCode();
  }

  long bytes() {
    return pump.bytes();
  }
}
