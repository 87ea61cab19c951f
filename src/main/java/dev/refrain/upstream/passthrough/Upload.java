package dev.refrain.upstream.passthrough;

import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Set;

/** The way up: the caller's body, framed as it came. */
final class Upload {
  private static final Set<HttpMethod> WITH_BODY =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  private static final int MOST_HINTS = 4; // clients refuse many: Java's takes eight

  private final HttpServerRequest request;
  private final HttpClientRequest call;
  private final ProxiedExchange proxiedExchange;
  private final Pump pump;
  private final boolean expects;
  private boolean done;
  private int hinted;

  Upload(HttpServerRequest request, HttpClientRequest call, ProxiedExchange proxiedExchange) {
    this.request = request;
    this.call = call;
    this.proxiedExchange = proxiedExchange;
    this.pump = new Pump(request, call, proxiedExchange::progress);
    this.expects = call.headers().contains(HttpHeaders.EXPECT);
  }

  /** Sends the head, with or before the first of the body. */
  void start() {
    frame();
    pump.start(v -> end());
    request.resume();
    if (!done && pump.bytes() == 0 && HeaderCopier.announcesBody(request)) {
      call.sendHead();
    }
  }

  /** Sends a request that is known to have no body. */
  void startWithoutBody() {
    frame();
    end();
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
    if (pump.bytes() == 0 && !HeaderCopier.announcesBody(request)) {
      call.setChunked(false);
      if (WITH_BODY.contains(call.getMethod())) {
        call.putHeader(HttpHeaders.CONTENT_LENGTH, "0"); // RFC 9110 §8.6
      }
    }
    call.end();
    proxiedExchange.progress();
  }

  /** Reads what is still to come, for the connection's sake, and forgets it. */
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

  /** Who is to move next. */
  TimeoutPhase waitsFor() {
    return pump.isHeld() || expects && pump.bytes() == 0 ? TimeoutPhase.ROOM : TimeoutPhase.BODY;
  }

  long bytes() {
    return pump.bytes();
  }
}
