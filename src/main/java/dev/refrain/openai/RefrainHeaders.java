package dev.refrain.openai;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Purge.Namespace;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Directives of a request to Refrain itself: header fields {@code X-Refrain-…}. One without meaning
 * is refused, because a caller that misspells one would otherwise get another cache than it asks
 * for.
 *
 * @param force store and serve a call although it is not deterministic ({@code X-Refrain-Cache:
 *     force})
 * @param ttl the longest that the answer is fresh, in milliseconds ({@code X-Refrain-TTL}); 0 is as
 *     without it
 * @param namespace a part of the caller's scope ({@code X-Refrain-Namespace}); empty is none
 * @param sample which sample of its answer ({@code X-Refrain-Sample}); -1 is not said
 * @param run in which equal requests are counted ({@code X-Refrain-Run}); empty is none
 */
record RefrainHeaders(boolean force, long ttl, String namespace, int sample, String run) {
  static final String SAMPLE = "X-Refrain-Sample";
  private static final RefrainHeaders NONE = new RefrainHeaders(false, 0, "", -1, "");
  private static final int LONGEST_NAME = 64;
  private static final Pattern TTL = Pattern.compile("(\\d{1,9})(ms|s|m|h|d|)");
  private static final Duration LONGEST_TTL = Duration.ofDays(365);

  /**
   * Reads the lines {@code name: value}, names in lower case; fails with {@link
   * Failure.Kind#INVALID} naming the field.
   */
  static RefrainHeaders read(List<String> lines) {
    if (lines.isEmpty()) {
      return NONE;
    }
    RefrainHeaders read = NONE;
    Set<String> seen = new HashSet<>();
    for (String line : lines) {
      int colon = line.indexOf(':');
      String name = line.substring(0, colon);
      if (!seen.add(name)) {
        throw Failure.invalid(shown(name), "given twice");
      }
      read = read.with(name, line.substring(colon + 1).trim());
    }
    if (read.sample >= 0 && !read.run.isEmpty()) {
      throw Failure.invalid(SAMPLE, "given beside X-Refrain-Run, which numbers samples itself");
    }
    return read;
  }

  private RefrainHeaders with(String name, String value) {
    return switch (name) {
      case "x-refrain-cache" -> {
        require(value.equalsIgnoreCase("force"), name, "force");
        yield new RefrainHeaders(true, ttl, namespace, sample, run);
      }
      case "x-refrain-ttl" ->
          new RefrainHeaders(force, millis(name, value), namespace, sample, run);
      case "x-refrain-namespace" -> {
        require(value.matches(Namespace.PATTERN), name, Namespace.EXPECTED);
        yield new RefrainHeaders(force, ttl, value, sample, run);
      }
      case "x-refrain-sample" -> {
        require(value.matches("[0-9]{1,9}"), name, "a number from 0 to 999999999");
        yield new RefrainHeaders(force, ttl, namespace, Integer.parseInt(value), run);
      }
      case "x-refrain-run" -> {
        require(value.matches(Namespace.PATTERN), name, Namespace.EXPECTED);
        yield new RefrainHeaders(force, ttl, namespace, sample, value);
      }
      default -> throw Failure.invalid(shown(name), "unknown header " + shown(name));
    };
  }

  private static long millis(String name, String value) {
    String expected = "seconds or a duration such as 90s, 5m or 24h, at most 365d";
    Matcher written = TTL.matcher(value);
    require(written.matches(), name, expected);
    Duration ttl = Duration.of(Long.parseLong(written.group(1)), unit(written.group(2)));
    require(!ttl.isZero() && ttl.compareTo(LONGEST_TTL) <= 0, name, expected);
    return ttl.toMillis();
  }

  private static ChronoUnit unit(String unit) {
    return switch (unit) {
      case "ms" -> ChronoUnit.MILLIS;
      case "m" -> ChronoUnit.MINUTES;
      case "h" -> ChronoUnit.HOURS;
      case "d" -> ChronoUnit.DAYS;
      default -> ChronoUnit.SECONDS;
    };
  }

  private static void require(boolean holds, String name, String expected) {
    if (!holds) {
      throw Failure.invalid(shown(name), "header " + shown(name) + " (expected: " + expected + ")");
    }
  }

  /**
   * What a request gets that says so beside the rule that applies: a shorter lifetime, never a
   * longer one, and a namespace of its own choice.
   *
   * @param byDefault how long answers are fresh where no rule says it, in milliseconds
   */
  CachePolicy over(CachePolicy ofRule, long byDefault) {
    CachePolicy policy = namespace.isEmpty() ? ofRule : ofRule.in(namespace);
    if (ttl == 0) {
      return policy;
    }
    return policy.withTtl(Math.min(ttl, ofRule.ttl() == 0 ? byDefault : ofRule.ttl()));
  }

  // As it is usually written: each word with a capital.
  private static String shown(String name) {
    if (name.equals("x-refrain-ttl")) {
      return "X-Refrain-TTL";
    }
    StringBuilder shown = new StringBuilder();
    for (String word : name.split("-")) {
      shown.append(shown.isEmpty() ? "" : "-");
      shown.append(word.isEmpty() ? "" : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return shown.substring(0, Math.min(shown.length(), LONGEST_NAME));
  }
}
