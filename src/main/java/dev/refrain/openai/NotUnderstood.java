package dev.refrain.openai;

/**
 * A field has a value that a server may understand and Refrain does not. The request goes upstream
 * alone and untouched. Without a stack trace: it is an outcome.
 */
final class NotUnderstood extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotUnderstood() {
    super("not understood", null, false, false);
  }
}
