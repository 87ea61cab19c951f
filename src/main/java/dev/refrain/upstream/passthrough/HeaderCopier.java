package dev.refrain.upstream.passthrough;

import dev.refrain.upstream.HopByHop;
import dev.refrain.upstream.Target;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.Map;

/**
 * Copies message headers between the connections: hop-by-hop fields are removed, {@code Via} is
 * added (RFC 9110 §7.6), and all others are preserved. Pure functions but for what they write to.
 */
final class HeaderCopier {
  private static final String WEBSOCKET = "websocket";
  private static final String TRAILERS = "trailers";
  private static final CharSequence TE = HttpHeaders.createOptimized("te");
  private static final CharSequence TRAILER = HttpHeaders.createOptimized("trailer");
  private static final CharSequence VIA = HttpHeaders.createOptimized("via");

  private HeaderCopier() {}

  /** The headers to send to the upstream, without those of the body's framing. */
  static MultiMap request(HttpServerRequest from, Target target) {
    MultiMap to = HopByHop.requestThrough(from.headers());
    target.prepareRequest(to);
    if (from.version() == HttpVersion.HTTP_1_0) {
      to.remove(HttpHeaders.EXPECT); // the client would not understand the reply (RFC 9110 §10.1.1)
    }
    if (isWebSocket(from)) {
      to.set(HttpHeaders.CONNECTION, "Upgrade").set(HttpHeaders.UPGRADE, WEBSOCKET);
    } else if (takesTrailers(from)) {
      to.set(HttpHeaders.CONNECTION, "TE").set(TE, TRAILERS);
    }
    return to.add(VIA, via(from.version()));
  }

  /**
   * The header fields of a 103 response to pass on (RFC 8297). Names are in lower case over HTTP/2,
   * because Vert.x checks those of interim responses and does not convert them (RFC 9113 §8.2.1).
   */
  static MultiMap earlyHints(MultiMap from, HttpVersion version) {
    MultiMap hints = HopByHop.through(from);
    if (version != HttpVersion.HTTP_2) {
      return hints;
    }
    MultiMap lower = HttpHeaders.headers();
    hints.forEach((name, value) -> lower.add(name.toLowerCase(Locale.ROOT), value));
    return lower;
  }

  /**
   * Whether the caller wants to go on as a WebSocket (RFC 6455 §4.1). Of all protocols only this
   * one: {@code h2c} to the upstream would carry requests that were not checked here.
   */
  static boolean isWebSocket(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_1_1
        && request.method() == HttpMethod.GET
        && !hasBody(request)
        && lists(request.headers(), HttpHeaders.CONNECTION, "upgrade")
        && WEBSOCKET.equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
  }

  private static boolean hasBody(HttpServerRequest request) {
    return announcesBody(request) && !"0".equals(request.getHeader(HttpHeaders.CONTENT_LENGTH));
  }

  /** Whether the head says that a body follows; over HTTP/2 one may follow all the same. */
  static boolean announcesBody(HttpServerRequest request) {
    return request.headers().contains(HttpHeaders.CONTENT_LENGTH)
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  private static boolean takesTrailers(HttpServerRequest request) {
    return lists(request.headers(), TE, TRAILERS);
  }

  private static boolean lists(MultiMap headers, CharSequence name, String word) {
    for (String list : headers.getAll(name)) {
      for (String item : list.split(",")) {
        if (item.trim().equalsIgnoreCase(word)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Writes status and headers, without those of the body's framing. */
  static void response(HttpClientResponse from, Target target, HttpServerResponse to) {
    to.setStatusCode(from.statusCode());
    if (hasReasonOfItsOwn(from)) {
      to.setStatusMessage(from.statusMessage());
    }
    MultiMap headers = HopByHop.through(from.headers());
    target.prepareResponse(headers);
    copy(headers, to.headers());
    for (String named : from.headers().getAll(TRAILER)) {
      to.headers().add(TRAILER, named); // for they are passed on
    }
    to.headers().add(VIA, via(from.version()));
  }

  // By a reason of its own the server no longer knows a 304, and gives it a length it has not.
  private static boolean hasReasonOfItsOwn(HttpClientResponse from) {
    HttpResponseStatus usual = HttpResponseStatus.valueOf(from.statusCode());
    return usual != HttpResponseStatus.NOT_MODIFIED
        && !usual.reasonPhrase().equals(from.statusMessage());
  }

  /** Writes the head of an answer by which both sides go on in another protocol. */
  static void upgraded(HttpClientResponse from, Target target, HttpServerResponse to) {
    response(from, target, to);
    to.putHeader(HttpHeaders.CONNECTION, "Upgrade").putHeader(HttpHeaders.UPGRADE, WEBSOCKET);
  }

  /** Writes the trailers. */
  static void trailers(HttpClientResponse from, HttpServerResponse to) {
    MultiMap trailers = HopByHop.through(from.trailers());
    if (!trailers.isEmpty()) {
      copy(trailers, to.trailers());
    }
  }

  private static void copy(MultiMap from, MultiMap to) {
    for (Map.Entry<String, String> header : from) {
      to.add(header.getKey(), header.getValue());
    }
  }

  private static String via(HttpVersion received) {
    return switch (received) {
      case HTTP_1_0 -> "1.0 refrain";
      case HTTP_1_1 -> "1.1 refrain";
      case HTTP_2 -> "2.0 refrain";
    };
  }
}
