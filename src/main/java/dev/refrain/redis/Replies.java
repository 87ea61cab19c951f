package dev.refrain.redis;

import dev.refrain.completion.Observer;
import dev.refrain.completion.Observer.Reply;
import io.vertx.redis.client.Request;

/** What commands came to, for whoever counts them. */
final class Replies {
  private Replies() {}

  /** Tells the observer; the cause is null where there was a reply that is no error. */
  static void tell(Observer observer, Request request, Throwable cause) {
    observer.redisReplied(request.command().toString(), of(cause));
  }

  private static Reply of(Throwable cause) {
    if (cause == null) {
      return Reply.OK;
    }
    if (cause == NoReply.DOWN || cause == NoReply.BUSY) {
      return Reply.UNSENT;
    }
    return ServerLink.spoken(cause) ? Reply.ERROR : Reply.NONE;
  }
}
