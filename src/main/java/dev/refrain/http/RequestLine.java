package dev.refrain.http;

import dev.refrain.inference.Failure;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * Whether a request could be written in a request line, whichever protocol it came by: HTTP/2 has
 * no such line, and carries what would end or divide it. Pure functions.
 *
 * <p>Source: RFC 9112 §3; RFC 9113 §8.3.1; RFC 9110 §5.6.2 (token) and §9.3.7 (asterisk).
 */
final class RequestLine {
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
  private static final String ASTERISK = "*";

  private RequestLine() {}

  /** Why it could not, or null. */
  static Failure refusal(HttpServerRequest request) {
    String target = request.uri();
    if (!isPlain(target)) {
      return invalid("the request target has characters that must be percent-encoded");
    }
    if (!isToken(request.method())) {
      return invalid("the method is not a token");
    }
    return target.startsWith("/") || isOfAnotherForm(request, target)
        ? null
        : invalid("the request target is not a path");
  }

  // Spaces and control characters end a target for some, and a fragment is never sent.
  private static boolean isPlain(String target) {
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7F || c == '#') {
        return false;
      }
    }
    return true;
  }

  private static boolean isToken(HttpMethod method) {
    if (method == HttpMethod.POST || method == HttpMethod.GET) {
      return true;
    }
    String name = method.name();
    return !name.isEmpty() && name.chars().allMatch(RequestLine::isTokenCharacter);
  }

  private static boolean isTokenCharacter(int c) {
    return c >= '0' && c <= '9'
        || c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || TOKEN_MARKS.indexOf(c) >= 0;
  }

  private static boolean isOfAnotherForm(HttpServerRequest request, String target) {
    if (target.equals(ASTERISK)) {
      return request.method() == HttpMethod.OPTIONS;
    }
    return request.version() != HttpVersion.HTTP_2 && isAbsolute(target);
  }

  // The authority is ignored: the client chose the server when it connected.
  private static boolean isAbsolute(String target) {
    int authority = target.indexOf("://") + 3;
    if (!isScheme(target, authority - 3)) {
      return false;
    }
    int slash = target.indexOf('/', authority);
    int query = target.indexOf('?', authority);
    if (query >= 0 && query < slash) {
      return false; // Vert.x would take the path out of the query
    }
    int end = Math.max(slash, query) < 0 ? target.length() : slash < 0 ? query : slash;
    return end > authority && target.lastIndexOf('@', end) < 0;
  }

  private static boolean isScheme(String target, int length) {
    return length == 4 && target.regionMatches(true, 0, "http", 0, length)
        || length == 5 && target.regionMatches(true, 0, "https", 0, length);
  }

  private static Failure invalid(String message) {
    return Failure.invalid(null, message);
  }
}
