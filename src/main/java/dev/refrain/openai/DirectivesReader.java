package dev.refrain.openai;

import dev.refrain.inference.Directives;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Locale;

/**
 * Parses {@code Cache-Control} (RFC 9111 §5.2.1). Unknown directives are ignored, as the RFC wants
 * it.
 */
final class DirectivesReader {
  private DirectivesReader() {}

  /**
   * Everything said.
   *
   * @param noStore neither read, keep, lead nor follow
   */
  record Parsed(Directives directives, boolean noStore) {
    private static final Parsed NOTHING = new Parsed(Directives.NONE, false);
  }

  static Parsed read(MultiMap headers) {
    String control = headers.get(HttpHeaders.CACHE_CONTROL);
    return control == null
        ? Parsed.NOTHING
        : read(String.join(",", headers.getAll(HttpHeaders.CACHE_CONTROL)));
  }

  private static Parsed read(String control) {
    boolean noStore = Directives.namesNoStore(control);
    boolean noCache = false;
    boolean onlyIfCached = false;
    long maxAge = Long.MAX_VALUE;
    for (String part : control.toLowerCase(Locale.ROOT).split(",")) {
      String directive = part.trim();
      noCache |= directive.equals("no-cache");
      onlyIfCached |= directive.equals("only-if-cached");
      if (directive.startsWith("max-age=")) {
        maxAge = Math.min(maxAge, seconds(directive.substring(8)));
      }
    }
    return new Parsed(new Directives(noCache, maxAge, onlyIfCached), noStore);
  }

  // What is no number makes everything stale (RFC 9111 §4.2.1); what is too large is large
  // (§1.2.2).
  private static long seconds(String delta) {
    String digits = delta.replace("\"", "");
    if (digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return 0;
    }
    return digits.length() <= 15 ? Long.parseLong(digits) : Long.MAX_VALUE;
  }
}
