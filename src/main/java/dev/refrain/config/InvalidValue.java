package dev.refrain.config;

/** A value out of its range; the loader adds the path above the key, the value and the origin. */
final class InvalidValue extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String key;
  private final String expected;

  InvalidValue(String key, String expected) {
    super(key + " (expected: " + expected + ")");
    this.key = key;
    this.expected = expected;
  }

  /** The key, from the record that refused it on. */
  String key() {
    return key;
  }

  String expected() {
    return expected;
  }
}
