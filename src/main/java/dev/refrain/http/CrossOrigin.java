package dev.refrain.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;

/**
 * Lets a page of another origin read answers that no upstream made for it: kept ones, shared ones,
 * and refusals of ours. Whether it may ask at all is the upstream's to say, who gets the browser's
 * question (OPTIONS); here only what a browser sends after a yes is taken for one.
 *
 * <p>Source: Fetch Standard, CORS protocol.
 */
final class CrossOrigin {
  private static final String JSON = "application/json";
  private static final CharSequence ANY = HttpHeaders.createOptimized("*");

  private CrossOrigin() {}

  /**
   * Completes the head of an answer.
   *
   * @param another whether it was made for another request, whose origin is not this one's
   */
  static void answer(HttpServerRequest request, boolean another) {
    HttpServerResponse response = request.response();
    if (another) {
      response.headers().remove(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN);
      response.headers().remove(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS);
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin != null
        && wasAskedBefore(request.headers())
        && !response.headers().contains(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN)) {
      response
          .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin)
          .putHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, ANY)
          .headers()
          .add(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    }
  }

  // Without one of these a page may send it unasked, and then nobody has said yes.
  private static boolean wasAskedBefore(MultiMap headers) {
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    return headers.contains(HttpHeaders.AUTHORIZATION)
        || type != null && type.toLowerCase(Locale.ROOT).startsWith(JSON);
  }
}
