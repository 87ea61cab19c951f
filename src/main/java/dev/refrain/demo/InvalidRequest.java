package dev.refrain.demo;

/** A request that has no meaning; its message and parameter go to the client. */
final class InvalidRequest extends Exception {
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
