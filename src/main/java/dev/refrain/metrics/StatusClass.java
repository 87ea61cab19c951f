package dev.refrain.metrics;

/** Class of a status; the label {@code status} of requests. Statuses alone are too many. */
enum StatusClass {
  SUCCESS("2xx"),
  REDIRECTION("3xx"),
  CLIENT_ERROR("4xx"),
  SERVER_ERROR("5xx"),
  /** The caller left first: not an error, so kept out of 4xx, on which operators set alerts. */
  CANCELLED("499"),
  /** No final status of HTTP. */
  OTHER("other");

  private static final int CLIENT_CLOSED_REQUEST = 499;

  private final String label;

  StatusClass(String label) {
    this.label = label;
  }

  /** The value of the label. */
  String label() {
    return label;
  }

  /** The class of any number an upstream may have called a status. */
  static StatusClass of(int status) {
    if (status == CLIENT_CLOSED_REQUEST) {
      return CANCELLED;
    }
    return switch (status / 100) {
      case 2 -> SUCCESS;
      case 3 -> REDIRECTION;
      case 4 -> CLIENT_ERROR;
      case 5 -> SERVER_ERROR;
      default -> OTHER;
    };
  }
}
