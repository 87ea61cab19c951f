package dev.refrain.upstream;

/**
 * A request that did not leave, not a byte of it: its connection received something while no
 * response was due (RFC 9112 §9.2). Whatever the method, it may be sent on another connection.
 */
final class NotSent extends Exception {
  private static final long serialVersionUID = 1L;

  static final NotSent INSTANCE = new NotSent();

  private NotSent() {
    super("sent something before it was asked", null, false, false);
  }
}
