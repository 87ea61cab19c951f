package dev.refrain.openai;

import dev.refrain.inference.Failure;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Directives of a request to Refrain itself: header fields {@code X-Refrain-…}. One without meaning
 * is refused, because a caller that misspells one would otherwise get another cache than it asks
 * for.
 *
 * @param force store and serve a call although it is not deterministic ({@code X-Refrain-Cache:
 *     force})
 */
record RefrainHeaders(boolean force) {
  private static final RefrainHeaders NONE = new RefrainHeaders(false);
  private static final int LONGEST_NAME = 64;

  /**
   * Reads the lines {@code name: value}, names in lower case; fails with {@link
   * Failure.Kind#INVALID} naming the field.
   */
  static RefrainHeaders read(List<String> lines) {
    if (lines.isEmpty()) {
      return NONE;
    }
    boolean force = false;
    Set<String> seen = new HashSet<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon);
      String value = line.substring(colon + 1).trim();
      if (!seen.add(name)) {
        throw Failure.invalid(shown(name), "given twice");
      }
      switch (name) {
        case "x-refrain-cache" -> force = force(name, value);
        default -> throw Failure.invalid(shown(name), "unknown header " + shown(name));
      }
    }
    return new RefrainHeaders(force);
  }

  private static boolean force(String name, String value) {
    if (!value.equalsIgnoreCase("force")) {
      throw Failure.invalid(shown(name), "header " + shown(name) + " must be force");
    }
    return true;
  }

  // As it is usually written: each word with a capital.
  private static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    for (String word : name.split("-")) {
      shown.append(shown.isEmpty() ? "" : "-");
      shown.append(word.isEmpty() ? "" : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return shown.substring(0, Math.min(shown.length(), LONGEST_NAME));
  }
}
