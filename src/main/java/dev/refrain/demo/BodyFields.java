package dev.refrain.demo;

import io.vertx.core.json.JsonObject;

/**
 * Typed access to the fields of a body. Strict, as real servers are: {@code "2"} is not a number,
 * so that the simulation does not hide a proxy's leniency. Null is absent.
 */
final class BodyFields {
  private final JsonObject body;

  BodyFields(JsonObject body) {
    this.body = body;
  }

  Object value(String name) {
    return body.getValue(name);
  }

  String text(String name) throws InvalidRequest {
    if (value(name) instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw invalid(name, "a non-empty string");
  }

  boolean flag(String name) throws InvalidRequest {
    Object value = value(name);
    if (value == null || value instanceof Boolean) {
      return Boolean.TRUE.equals(value);
    }
    throw invalid(name, "a boolean");
  }

  /** A whole number between {@code least} and {@code most}, or {@code absent}. */
  long integer(String name, long absent, long least, long most) throws InvalidRequest {
    Object value = value(name);
    if (value == null) {
      return absent;
    }
    if (isInteger(value) && within(((Number) value).longValue(), least, most)) {
      return ((Number) value).longValue();
    }
    throw invalid(name, "an integer from " + least + " to " + most);
  }

  double number(String name, double absent, double most) throws InvalidRequest {
    Object value = value(name);
    if (value == null) {
      return absent;
    }
    if (value instanceof Number number
        && number.doubleValue() >= 0
        && number.doubleValue() <= most) {
      return number.doubleValue();
    }
    throw invalid(name, "a number from 0 to " + most);
  }

  JsonObject object(String name) throws InvalidRequest {
    Object value = value(name);
    if (value == null || value instanceof JsonObject) {
      return (JsonObject) value;
    }
    throw invalid(name, "an object");
  }

  /** Whether a value is a whole number of at most 64 bits. */
  static boolean isInteger(Object value) {
    return value instanceof Integer || value instanceof Long;
  }

  static InvalidRequest invalid(String name, String expected) {
    return new InvalidRequest(name, name + ": not understood (expected: " + expected + ")");
  }

  private static boolean within(long value, long least, long most) {
    return value >= least && value <= most;
  }

  /** A request that has no meaning; its message and parameter go to the client. */
  static final class InvalidRequest extends Exception {
    private static final long serialVersionUID = 1L;

    private final String param;

    InvalidRequest(String param, String message) {
      super(message, null, false, false);
      this.param = param;
    }

    /** The field at fault, or null. */
    String param() {
      return param;
    }
  }
}
