package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether the type of a request lets its body be read as JSON in UTF-8. The type that curl sends
 * unasked counts, and so does none, but not from a page of another origin: browsers send those
 * without asking first.
 *
 * <p>Source: RFC 8259 §8.1, RFC 9110 §8.3; Fetch Standard, CORS-safelisted request-header.
 */
final class JsonType {
  private static final String JSON = "application/json";
  private static final String FORM = "application/x-www-form-urlencoded";
  private static final Set<String> CHARSETS = Set.of("utf-8", "utf8", "us-ascii", "ascii");

  private JsonType() {}

  /** Whether the request says that its body is JSON. */
  static boolean isSaid(MultiMap headers) {
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    return type != null && isJson(essence(type));
  }

  /** Why its body is not to be read as JSON, or null. Its type then says JSON, if it has one. */
  static Failure refusal(HttpServerRequest request) {
    MultiMap headers = request.headers();
    String type = headers.get(HttpHeaders.CONTENT_TYPE);
    if (type == null) {
      return guessed(request);
    }
    if (headers.getAll(HttpHeaders.CONTENT_TYPE).size() > 1) {
      return refused("exactly one Content-Type header is expected");
    }
    String essence = essence(type);
    if (!isJson(essence)) {
      return essence.equals(FORM) ? asJson(request) : refused("Content-Type must be " + JSON);
    }
    return isInUtf8(type) ? null : refused("the charset of JSON must be UTF-8");
  }

  private static Failure asJson(HttpServerRequest request) {
    Failure refusal = guessed(request);
    if (refusal == null) {
      request.headers().set(HttpHeaders.CONTENT_TYPE, JSON); // what the upstream is sent
    }
    return refusal;
  }

  private static Failure guessed(HttpServerRequest request) {
    return CrossOrigin.isFromAnotherOrigin(request)
        ? refused("a page of another origin must send Content-Type: " + JSON)
        : null;
  }

  private static boolean isJson(String essence) {
    return essence.equals(JSON) || essence.endsWith("+json");
  }

  private static String essence(String type) {
    int parameters = type.indexOf(';');
    String essence = parameters < 0 ? type : type.substring(0, parameters);
    return essence.trim().toLowerCase(Locale.ROOT);
  }

  private static boolean isInUtf8(String type) {
    if (type.indexOf(';') < 0) {
      return true;
    }
    List<String> parameters = List.of(type.toLowerCase(Locale.ROOT).split(";"));
    return parameters.stream()
        .skip(1)
        .map(parameter -> parameter.split("=", 2))
        .filter(parameter -> parameter[0].trim().equals("charset"))
        .allMatch(charset -> charset.length == 2 && CHARSETS.contains(unquoted(charset[1].trim())));
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private static Failure refused(String message) {
    return Failure.of(Kind.UNSUPPORTED_MEDIA_TYPE, message);
  }
}
