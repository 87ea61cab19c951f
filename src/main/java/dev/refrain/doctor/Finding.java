package dev.refrain.doctor;

import java.util.Locale;

/**
 * Result of one check.
 *
 * @param subject what was looked at: {@code upstream openai}
 * @param says what is so, and what to do about it, in one line
 */
public record Finding(Verdict verdict, String subject, String says) {
  /** One line, whatever others have contributed to it. */
  public Finding {
    says = says.replaceAll("\\p{Cntrl}+", " ");
  }

  boolean isBad() {
    return verdict == Verdict.FAIL;
  }

  /** The same, less bad. */
  Finding softened() {
    return warn(subject, says);
  }

  /** A finding. */
  public static Finding ok(String subject, String says) {
    return new Finding(Verdict.OK, subject, says);
  }

  static Finding warn(String subject, String says) {
    return new Finding(Verdict.WARN, subject, says);
  }

  /** A finding. */
  public static Finding fail(String subject, String says) {
    return new Finding(Verdict.FAIL, subject, says);
  }

  /** Severity of a finding. */
  public enum Verdict {
    /** As it should be. */
    OK,
    /** It will work, but perhaps not as it was meant. */
    WARN,
    /** It will not work. */
    FAIL;

    /** The word at the beginning of a line. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
