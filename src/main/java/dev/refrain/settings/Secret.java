package dev.refrain.settings;

import com.fasterxml.jackson.annotation.JsonCreator;

/** A text that must never be seen: prints as {@code ***}. Empty means there is none. */
public final class Secret {
  /** No secret. */
  public static final Secret NONE = new Secret("");

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  /** This text, which may be empty. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Secret of(String value) {
    return value.isEmpty() ? NONE : new Secret(value);
  }

  /** Whether there is one. */
  public boolean isPresent() {
    return !value.isEmpty();
  }

  /** The text itself; empty if there is none. Only for the wire. */
  public String value() {
    return value;
  }

  /** Whether it can stand in a header field: visible ASCII only (RFC 9110 §5.5). */
  public boolean isToken() {
    return value.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** {@code ***}, or an empty string if there is none. */
  @Override
  public String toString() {
    return value.isEmpty() ? "" : "***";
  }
}
