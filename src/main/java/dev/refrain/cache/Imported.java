package dev.refrain.cache;

import java.util.Locale;

/** Outcome of the import of one entry. */
public enum Imported {
  /** It is stored now. */
  STORED,
  /** An entry that is as new was there, and stays. */
  KEPT,
  /** It was purged, and stays so. */
  PURGED,
  /** It is past its time. */
  EXPIRED,
  /** It is dated in the future, where no purge would reach it. */
  FUTURE,
  /** Its body is over the limit. */
  TOO_LARGE;

  /** As it is printed. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
