package dev.refrain.management;

import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Failure;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses the query of an export, an import or a removal: {@code model} (a glob), {@code endpoint},
 * {@code namespace}, {@code olderThan} (such as {@code 12h} or {@code 7d}); removals take {@code
 * all=true} in the place of these. Throws {@link Failure} {@code INVALID}, naming the parameter.
 */
final class EntryFilterReader {
  private static final Pattern AGE = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
  private static final int LONGEST = 512;

  private EntryFilterReader() {}

  /** A filter; without parameters it selects everything. */
  static EntryFilter read(MultiMap query, long now) {
    String model = "";
    String endpoint = "";
    String namespace = "";
    long before = Long.MAX_VALUE;
    for (Map.Entry<String, String> each : query) {
      if (each.getValue().isEmpty() || each.getValue().length() > LONGEST) {
        throw Failure.invalid(each.getKey(), "expected: 1 to " + LONGEST + " characters");
      }
      switch (each.getKey()) {
        case "model" -> model = each.getValue();
        case "endpoint" -> endpoint = each.getValue();
        case "namespace" -> namespace = each.getValue();
        case "olderThan" -> before = now - age(each.getValue()).toMillis();
        default ->
            throw Failure.invalid(
                each.getKey(), "unknown (expected: model, endpoint, namespace, olderThan)");
      }
    }
    return new EntryFilter(model, endpoint, namespace, before);
  }

  /** The same; everything only with {@code all=true}, so that no slip removes it. */
  static EntryFilter readRemoval(MultiMap query, long now) {
    boolean all = "true".equals(query.get("all"));
    if (query.isEmpty() || all && query.size() > 1) {
      throw Failure.invalid(
          null, "expected: model, endpoint, namespace or olderThan; or all=true alone");
    }
    return all ? EntryFilter.ALL : read(query, now);
  }

  private static Duration age(String text) {
    Matcher written = AGE.matcher(text);
    if (!written.matches()) {
      throw Failure.invalid("olderThan", "expected: a duration such as 12h or 7d");
    }
    long number = Long.parseLong(written.group(1));
    return switch (written.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      default -> Duration.ofDays(number);
    };
  }
}
