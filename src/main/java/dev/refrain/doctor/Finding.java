package dev.refrain.doctor;

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
}
