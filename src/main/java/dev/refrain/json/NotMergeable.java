package dev.refrain.json;

import java.io.IOException;

/** There is no one document that a stream must mean. Without a stack trace: it is an outcome. */
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
