package dev.refrain.demo;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parsed {@code Cache-Status} of one response.
 *
 * <p>Source: RFC 9211 §2; syntax of RFC 8941 as far as that header uses it.
 *
 * @param hit whether a kept answer was served
 * @param forward why the request went on to the upstream, or an empty string
 * @param collapsed whether a call in progress for another request was joined
 * @param stored whether the answer was kept
 * @param detail where from or why, or an empty string
 */
record CacheStatus(boolean hit, String forward, boolean collapsed, boolean stored, String detail) {
  private static final CacheStatus NOTHING = new CacheStatus(false, "", false, false, "");
  private static final String QUOTED = "\"(?:[^\"\\\\]|\\\\.)*\"";
  private static final Pattern MEMBER = Pattern.compile("(?:[^\",]|" + QUOTED + ")+");
  private static final Pattern OURS = Pattern.compile("\\s*refrain\\s*(?:;.*)?");
  private static final Pattern PARAMETER =
      Pattern.compile(";\\s*([a-z*][a-z0-9_.*-]*)(?:=(" + QUOTED + "|[^;,\\s]*))?");

  /** Reads the header; one that is absent, or of other caches only, says nothing. */
  static CacheStatus parse(String header) {
    return MEMBER
        .matcher(header == null ? "" : header)
        .results()
        .map(MatchResult::group)
        .filter(OURS.asMatchPredicate())
        .findFirst()
        .map(CacheStatus::read)
        .orElse(NOTHING);
  }

  private static CacheStatus read(String member) {
    Map<String, String> parameters = new HashMap<>();
    Matcher parameter = PARAMETER.matcher(member);
    while (parameter.find()) {
      parameters.put(parameter.group(1), value(parameter.group(2)));
    }
    return new CacheStatus(
        isTrue(parameters.get("hit")),
        parameters.getOrDefault("fwd", ""),
        isTrue(parameters.get("collapsed")),
        isTrue(parameters.get("stored")),
        parameters.getOrDefault("detail", ""));
  }

  /** In few words, for a person. */
  String words() {
    if (hit) {
      return withDetail("hit");
    }
    if (collapsed) {
      return withDetail("joined, live");
    }
    String verdict =
        switch (forward) {
          case "" -> "unknown";
          case "uri-miss", "vary-miss", "miss", "stale", "partial" -> "miss";
          default -> forward.toLowerCase(Locale.ROOT);
        };
    return stored && detail.isEmpty() ? verdict + ", stored" : withDetail(verdict);
  }

  private String withDetail(String verdict) {
    return detail.isEmpty() ? verdict : verdict + " (" + detail + ")";
  }

  private static boolean isTrue(String value) {
    return value != null && !value.equals("?0");
  }

  private static String value(String raw) {
    if (raw == null) {
      return "";
    }
    return raw.startsWith("\"")
        ? raw.substring(1, raw.length() - 1).replaceAll("\\\\(.)", "$1")
        : raw;
  }
}
