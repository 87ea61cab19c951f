package dev.refrain.inference;

/**
 * A pattern in which {@code *} stands for any characters and {@code ?} for one. Matched against
 * what strangers send, so never in more steps than pattern times text; a regular expression of a
 * few stars would take the text's length to their power.
 */
public record Glob(String pattern) {

  /** Whether all of the text is what the pattern stands for. */
  public boolean matches(String text) {
    int at = 0;
    int in = 0;
    int star = -1;
    int behindStar = 0;
    while (in < text.length()) {
      if (at < pattern.length() && pattern.charAt(at) == '*') {
        star = at++;
        behindStar = in;
      } else if (at < pattern.length() && one(pattern.charAt(at), text.charAt(in))) {
        at++;
        in++;
      } else if (star >= 0) {
        at = star + 1;
        in = ++behindStar; // only the last star need ever take more
      } else {
        return false;
      }
    }
    return pattern.substring(at).chars().allMatch(c -> c == '*');
  }

  private static boolean one(char expected, char actual) {
    return expected == '?' || expected == actual;
  }
}
