package dev.refrain.rules;

/** What a rule says of a call's answer. */
public enum Caching {
  /** Nothing: it is stored if the call is deterministic. */
  BY_DEFAULT,
  /** It is stored and shared at any temperature. */
  ON,
  /** It is neither stored nor shared, whatever the request asks for. */
  OFF
}
