package dev.refrain.inference;

/**
 * A pattern in which {@code *} stands for any characters and {@code ?} for one. Matched against
 * what strangers send, so never in more steps than pattern times text; a regular expression of a
 * few stars would take the text's length to their power. Immutable; any thread.
 *
 * <p>Most patterns are a text with a star at one end or at both, and are compared as such.
 */
public final class Glob {
  private enum Kind {
    ALL,
    EQUAL,
    PREFIX,
    SUFFIX,
    INFIX,
    GENERAL
  }

  private final String pattern;
  private final Kind kind;
  private final String text;

  /** A pattern; every text is one. */
  public Glob(String pattern) {
    this.pattern = pattern;
    int from = pattern.startsWith("*") ? 1 : 0;
    int to =
        pattern.length() > 1 && pattern.endsWith("*") ? pattern.length() - 1 : pattern.length();
    this.text = pattern.substring(from, to);
    this.kind = kind(text, from > 0, to < pattern.length());
  }

  private static Kind kind(String text, boolean before, boolean behind) {
    if (text.indexOf('*') >= 0 || text.indexOf('?') >= 0) {
      return Kind.GENERAL;
    }
    if (before && behind) {
      return Kind.INFIX;
    }
    if (before) {
      return text.isEmpty() ? Kind.ALL : Kind.SUFFIX;
    }
    return behind ? Kind.PREFIX : Kind.EQUAL;
  }

  /** Whether it stands for one text alone. */
  public boolean isExact() {
    return kind == Kind.EQUAL;
  }

  /** Whether all of the text is what the pattern stands for. */
  public boolean matches(String other) {
    return switch (kind) {
      case ALL -> true;
      case EQUAL -> text.equals(other);
      case PREFIX -> other.startsWith(text);
      case SUFFIX -> other.endsWith(text);
      case INFIX -> other.contains(text);
      case GENERAL -> matchesStepByStep(other);
    };
  }

  private boolean matchesStepByStep(String other) {
    int at = 0;
    int in = 0;
    int star = -1;
    int behindStar = 0;
    while (in < other.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        behindStar = in;
      } else if (at < pattern.length() && one(pattern.charAt(at), other.charAt(in))) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++behindStar; // only the last star need ever take more
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }

  private static boolean one(char expected, char actual) {
    return expected == '?' || expected == actual;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Glob glob && glob.pattern.equals(pattern);
  }

  @Override
  public int hashCode() {
    return pattern.hashCode();
  }

  /** The pattern. */
  @Override
  public String toString() {
    return pattern;
  }
}
