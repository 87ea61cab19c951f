package dev.refrain.doctor;

import java.util.Locale;

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
