package dev.refrain.redis;

import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.CommandOutcome;
import io.vertx.redis.client.Request;

/** Receives the outcomes of commands. */
final class Replies {
  private Replies() {}

  /** Notifies the observer. The cause is null if there was a reply without an error. */
  static void record(Observer observer, Request request, Throwable cause) {
    observer.redisReplied(request.command().toString(), of(cause));
  }

  private static CommandOutcome of(Throwable cause) {
    if (cause == null) {
      return CommandOutcome.OK;
    }
    if (cause == NoReply.DOWN || cause == NoReply.BUSY) {
      return CommandOutcome.UNSENT;
    }
    return ServerLink.spoken(cause) ? CommandOutcome.ERROR : CommandOutcome.NONE;
  }

  /** Redis gave no reply, and why. Outside this package it is just a failure. */
  static final class NoReply extends RuntimeException {
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
}
