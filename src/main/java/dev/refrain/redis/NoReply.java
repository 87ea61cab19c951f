package dev.refrain.redis;

/** Redis gave no reply, and why. Outside this package it is just a failure. */
final class NoReply extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** There is no connection, or the breaker is open. */
  static final NoReply DOWN = new NoReply("no connection");

  /** Too many commands are in flight. */
  static final NoReply BUSY = new NoReply("too many commands in flight");

  /** The connection ended. */
  static final NoReply CLOSED = new NoReply("connection closed");

  NoReply(String message) {
    super(message, null, false, false);
  }
}
