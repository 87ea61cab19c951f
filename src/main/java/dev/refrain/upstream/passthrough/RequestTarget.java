package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Failure;
import java.util.Locale;

/**
 * The request target, byte for byte as the client sent it. Percent-encoding, case, empty segments
 * and the query are for the upstream to interpret (RFC 3986 §6 applies to comparison only).
 *
 * <p>Refused is what could lead out of the upstream's base path. What cannot stand in a request
 * line does not get here.
 *
 * @param text path and query, or {@code *}
 */
record RequestTarget(String text) {
  private static final String ASTERISK = "*";

  /**
   * Reads a target in origin form, absolute form or asterisk form (RFC 9112 §3.2); fails with
   * {@code INVALID}.
   */
  static RequestTarget of(String asked) {
    RequestTarget target = new RequestTarget(asked.startsWith("/") ? asked : withoutOrigin(asked));
    if (target.climbs()) {
      throw Failure.invalid(null, "the request path leaves its root by dot segments");
    }
    return target;
  }

  /** The path alone. */
  String path() {
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }

  /** The target below a base path, which has no slash at its end. */
  String below(String base) {
    return text.equals(ASTERISK) ? text : base + text;
  }

  // The connection already determines the target, so the authority is ignored.
  private static String withoutOrigin(String asked) {
    if (asked.equals(ASTERISK)) {
      return asked;
    }
    int authority = asked.indexOf("//") + 2;
    int end = authority;
    while (end < asked.length() && asked.charAt(end) != '/' && asked.charAt(end) != '?') {
      end++;
    }
    String rest = asked.substring(end);
    return rest.startsWith("/") ? rest : "/" + rest;
  }

  // Servers differ in what they take for a slash or a dot, so every reading counts.
  private boolean climbs() {
    String read =
        path()
            .toLowerCase(Locale.ROOT)
            .replace("%2e", ".")
            .replace("%2f", "/")
            .replace("%5c", "/")
            .replace('\\', '/');
    for (String segment : read.split("/")) {
      int parameters = segment.indexOf(';');
      if ("..".equals(parameters < 0 ? segment : segment.substring(0, parameters))) {
        return true;
      }
    }
    return false;
  }
}
