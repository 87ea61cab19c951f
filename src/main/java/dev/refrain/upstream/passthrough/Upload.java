package dev.refrain.upstream.passthrough;

import dev.refrain.memory.Reservation;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.streams.ReadStream;
import java.util.Set;

/** The way up: the caller's body, framed as it came. */
final class Upload {
  private static final Set<HttpMethod> WITH_BODY =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  private static final int MOST_HINTS = 4; // clients refuse many: Java's takes eight

  /** Bytes of a body up to which it can be sent once more. */
  private static final int REPEATABLE = 16 * 1024;

  private static final Buffer NOTHING = Buffer.buffer();

  private final HttpServerRequest request;
  private final ReadStream<Buffer> body;
  private final HttpClientRequest call;
  private final ProxiedExchange proxiedExchange;
  private final Pump pump;
  private final Reservation memory;
  private final boolean expects;
  private final Buffer before;
  private Buffer kept;
  private boolean done;
  private int hinted;

  /**
   * A body that is sent for the first time.
   *
   * @param memory for as much of it as may have to be sent again; released here
   */
  Upload(
      HttpServerRequest request,
      ReadStream<Buffer> body,
      HttpClientRequest call,
      ProxiedExchange proxiedExchange,
      Reservation memory) {
    this(request, body, call, proxiedExchange, memory, NOTHING);
    this.kept = NOTHING;
  }

  private Upload(
      HttpServerRequest request,
      ReadStream<Buffer> body,
      HttpClientRequest call,
      ProxiedExchange proxiedExchange,
      Reservation memory,
      Buffer before) {
    this.request = request;
    this.body = body;
    this.call = call;
    this.proxiedExchange = proxiedExchange;
    this.memory = memory;
    this.before = before;
    this.pump = new Pump(body, call, proxiedExchange::progress);
    this.pump.copyTo(this::copied);
    this.expects = before == NOTHING && call.headers().contains(HttpHeaders.EXPECT);
  }

  private void copied(Buffer chunk) {
    proxiedExchange.tap().sent(chunk);
    keep(chunk);
  }

  private void keep(Buffer chunk) {
    if (kept == null) {
      return;
    }
    int length = kept.length() + chunk.length();
    if (length > REPEATABLE || !memory.growTo(length)) {
      forget();
    } else {
      kept = Buffer.buffer(length).appendBuffer(kept).appendBuffer(chunk);
    }
  }

  /** It will not be sent again: something of the answer came, or it is too large. */
  void forget() {
    kept = null;
    memory.release();
  }

  /** Whether all that was read of it so far can be sent again. */
  boolean isRepeatable() {
    return kept != null;
  }

  /** Reads nothing more until it is sent again. */
  void hold() {
    pump.stop();
    if (!done) {
      body.pause();
    }
  }

  /** Sends the head and what was read, and goes on with what was not. */
  Upload again(HttpClientRequest other) {
    Upload again = new Upload(request, body, other, proxiedExchange, memory, kept);
    again.frame();
    if (kept.length() > 0) {
      other.write(kept);
    }
    forget();
    if (done) {
      again.end();
    } else {
      again.go();
    }
    return again;
  }

  /** Sends the head, with or before the first of the body. */
  void start() {
    frame();
    go();
  }

  private void go() {
    pump.start(v -> end());
    body.resume();
    if (!done && bytes() == 0 && HeaderCopier.announcesBody(request)) {
      call.sendHead();
    }
  }

  private void frame() {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null) {
      call.putHeader(HttpHeaders.CONTENT_LENGTH, length);
    } else {
      call.setChunked(true);
    }
    if (request.version() != HttpVersion.HTTP_1_0) {
      informational();
    }
  }

  // Of what comes before the answer, all that the client understands (RFC 9110 §15.2).
  private void informational() {
    HttpServerResponse response = request.response();
    call.earlyHintsHandler(
        hints -> {
          if (++hinted <= MOST_HINTS && !response.headWritten() && !response.closed()) {
            response.writeEarlyHints(HeaderCopier.earlyHints(hints, request.version()));
          }
        });
    call.continueHandler(
        v -> {
          if (expects && !response.headWritten() && !response.closed()) {
            response.writeContinue();
            proxiedExchange.progress();
          }
        });
  }

  private void end() {
    done = true;
    if (bytes() == 0 && !HeaderCopier.announcesBody(request)) {
      call.setChunked(false);
      if (WITH_BODY.contains(call.getMethod())) {
        call.putHeader(HttpHeaders.CONTENT_LENGTH, "0"); // RFC 9110 §8.6
      }
    }
    call.end();
    proxiedExchange.progress();
  }

  /** Reads and discards the rest, so that the connection can be reused. */
  void abandon() {
    pump.stop();
    if (!request.isEnded()) {
      request.resume();
    }
  }

  /** Whether all of it is sent. */
  boolean isDone() {
    return done;
  }

  /** The side that must send next. */
  TimeoutPhase waitsFor() {
    return pump.isHeld() || expects && bytes() == 0 ? TimeoutPhase.ROOM : TimeoutPhase.BODY;
  }

  long bytes() {
    return before.length() + pump.bytes();
  }
}
