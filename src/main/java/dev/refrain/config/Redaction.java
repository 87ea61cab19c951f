package dev.refrain.config;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Hides what may be a secret that was written in the wrong place, so that a refusal does not carry
 * it into a log. The line of the file says where it is.
 */
final class Redaction {
  private static final String HIDDEN = "***";

  /** How keys of well-known services begin. */
  private static final String PREFIX =
      "(?i:sk|pk|rk|gsk|hf|ghp|gho|xai|xox[a-z]|bearer|basic)[-_ ]";

  /** Sixteen characters of one word with both letters and digits, or such a beginning. */
  private static final String SECRET =
      PREFIX + "\\S+|(?=[^/]*[A-Za-z])(?=[^/]*\\d)[\\w+=.~-]{16,}(?!:/)";

  // Not behind a slash: hosts and paths may be shown.
  private static final Pattern WITHIN = Pattern.compile("(?<![\\w+=.~/-])(?:" + SECRET + ")");
  private static final Pattern NAME = Pattern.compile("[A-Za-z]{1,24}");

  private Redaction() {}

  /** A value, or a sentence that may quote one, as it may be shown. */
  static String text(String text) {
    return WITHIN.matcher(text).replaceAll(HIDDEN);
  }

  /**
   * The name of an unknown key. Shown are names that could be one: a misspelt one, or one word.
   *
   * @param near the key it is probably meant to be
   */
  static String name(String name, Optional<String> near) {
    return near.isPresent() || NAME.matcher(name).matches() ? name : HIDDEN;
  }
}
