package dev.refrain.openai;

/** Role of a request field for the identity of its answer. */
public enum KeyRole {
  /** Can change the answer: part of the fingerprint. Every unknown field is one of these. */
  KEY,
  /** Affects only the framing or the number of answers; restored on replay. */
  FRAMING,
  /** Says whom the call is for and where it is placed; changes no answer. */
  ATTRIBUTION,
  /** Asks for a cache of one's own: part of the scope, and so of the fingerprint. */
  ISOLATION,
  /** Depends on, or changes, a state at the server: the call is made for itself alone. */
  STATEFUL;

  /** Whether the field's value goes into the fingerprint. */
  boolean inFingerprint() {
    return this == KEY || this == ISOLATION;
  }
}
