package dev.refrain.rules;

/** Whether a field must be in the request. */
public enum Presence {
  /** No condition. */
  ANY,
  /** The field has a value. */
  PRESENT,
  /** The field is missing or null. */
  ABSENT;

  boolean admits(boolean present) {
    return this == ANY || present == (this == PRESENT);
  }
}
