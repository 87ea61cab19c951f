package dev.refrain.json;

import java.io.IOException;

/**
 * A stream does not correspond to exactly one document. Without a stack trace: it is an outcome.
 */
public final class NotMergeable extends IOException {
  private static final long serialVersionUID = 1L;

  public NotMergeable(String message) {
    super(message);
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
