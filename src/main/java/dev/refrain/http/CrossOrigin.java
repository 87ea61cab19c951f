package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;

/**
 * Lets a page of another origin read responses that no upstream produced for it: cached and shared
 * answers, and errors of Refrain. Whether it may ask at all is the upstream's to say, who gets the
 * browser's question (OPTIONS); here only what a browser sends after a yes is taken for one. Where
 * there are keys the question is answered here: it never carries a key, which is what lets a page
 * in.
 *
 * <p>Source: Fetch Standard, CORS protocol.
 */
final class CrossOrigin {
  private static final CharSequence SITE = HttpHeaders.createOptimized("sec-fetch-site");
  private static final int NO_CONTENT = 204;
  private static final String SECONDS = "600";
  private static final CharSequence ASKED =
      HttpHeaders.createOptimized(
          "origin, access-control-request-method, access-control-request-headers");
  private static final CharSequence ANY = HttpHeaders.createOptimized("*");

  private CrossOrigin() {}

  /** Completes the head of an answer. */
  static void answer(RequestContext context) {
    HttpServerRequest request = context.request();
    if (context.key() != null || wasAskedBefore(request.headers())) {
      open(request);
    }
  }

  /** Lets the requesting page read the answer, unless the answer has CORS fields of its own. */
  static void open(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null && !response.headers().contains(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN)) {
      response
          .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
          .putHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, ANY)
          .headers()
          .add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    }
  }

  /** Whether it is a CORS preflight. */
  static boolean isQuestion(HttpServerRequest request) {
    return request.method() == HttpMethod.OPTIONS
        && request.headers().contains(HttpHeaders.ORIGIN)
        && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
  }

  /** Answers the preflight: everything is allowed, because the request itself needs a key. */
  static void permit(HttpServerRequest request) {
    MultiMap asked = request.headers();
    HttpServerResponse response =
        request
            .response()
            .setStatusCode(NO_CONTENT)
            .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, asked.get(HttpHeaders.ORIGIN))
            .putHeader(
                HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS,
                asked.get(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD))
            .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, SECONDS)
            .putHeader(HttpHeaders.VARY, ASKED);
    String fields = asked.get(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
    if (fields != null) {
      response.putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, fields);
    }
    response.end();
  }

  /**
   * Whether a page of another origin sent it. The browser says so; where it does not, the page's
   * authority is not the request's. The scheme is no help: TLS may end before us.
   */
  static boolean isFromAnotherOrigin(HttpServerRequest request) {
    String site = request.getHeader(SITE);
    if (site != null) {
      return site.equals("cross-site") || site.equals("same-site");
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      return false;
    }
    HostAndPort here = request.authority();
    int authority = origin.indexOf("://") + 3;
    return here == null || !origin.substring(authority).equalsIgnoreCase(here.toString());
  }

  /**
   * Why such a page may not have the operator's credential sent along, or null: of this request the
   * browser did not ask first whether the page may send it.
   */
  static Failure unasked(HttpServerRequest request) {
    boolean opens = request.headers().contains(HttpHeaders.UPGRADE);
    boolean unasked =
        opens || request.method() == HttpMethod.POST && !wasAskedBefore(request.headers());
    return unasked && isFromAnotherOrigin(request)
        ? Failure.of(
            Kind.FORBIDDEN,
            "a page of another origin must send Content-Type: application/json, or a key of its"
                + " own")
        : null;
  }

  // Without one of these, a page may send it without a preflight request, so no server has
  // allowed it.
  private static boolean wasAskedBefore(MultiMap headers) {
    return headers.contains(HttpHeaders.AUTHORIZATION) || JsonType.isSaid(headers);
  }
}
