package dev.refrain.redis;

import io.vertx.redis.client.Response;

/** Errors of Redis that an operator can resolve. */
public enum RedisError {
  /** Its access list does not allow it. */
  NOPERM("allow its user this command, and the keys that begin with cache.redis.prefix"),
  /** The client has not authenticated. */
  NOAUTH("give the password"),
  /** Another program uses these keys. */
  WRONGTYPE("another program uses these keys: set another cache.redis.prefix"),
  /** It does not know the command. */
  UNKNOWN_COMMAND("it is older than 6.0, or the command is renamed or switched off there"),
  /** It is full and may not make room. */
  OOM("give it more maxmemory, or a maxmemory-policy that evicts, such as allkeys-lru"),
  /** It cannot write its snapshots. */
  MISCONF("it cannot write its snapshots: its own log says why"),
  /** It is a replica. */
  READONLY("this server is a replica: name the master, or set cache.redis.mode to sentinel"),
  /** It has too few replicas. */
  NOREPLICAS("it has fewer replicas than its min-replicas-to-write"),
  /** It belongs to a cluster, and the key is elsewhere. */
  MOVED("this server belongs to a cluster: set cache.redis.mode to cluster"),
  /** It serves no part of the keys of which another one is missing. */
  CLUSTERDOWN("a part of the cluster is down, see CLUSTER INFO there"),
  /** Any other error. */
  OTHER("see what the command says when it is sent by hand");

  private final String advice;

  RedisError(String advice) {
    this.advice = advice;
  }

  /** Advice for the operator. */
  public String advice() {
    return advice;
  }

  /** The kind of an error reply; null for what passes, and for what is no reply. */
  public static RedisError of(Throwable cause) {
    if (!(cause instanceof Response) || cause.getMessage() == null) {
      return null;
    }
    String message = cause.getMessage();
    if (message.startsWith("ERR unknown command") || message.contains("unknown subcommand")) {
      return UNKNOWN_COMMAND;
    }
    if (message.contains("can't run this command")) {
      return NOPERM; // so it says within a script
    }
    return passes(message) ? null : named(message);
  }

  /** Whether an error reply is about more than a key: its type, its place or its moment. */
  static boolean isOfAnyKey(Throwable cause) {
    RedisError kind = of(cause);
    return kind != null && kind != WRONGTYPE && kind != MOVED;
  }

  /** An error that passes by itself, or that ends the connection instead of rejecting a command. */
  private static boolean passes(String message) {
    return message.startsWith("LOADING")
        || message.startsWith("BUSY")
        || message.startsWith("TRYAGAIN")
        || message.startsWith("ASK ")
        || message.startsWith("MASTERDOWN")
        || message.startsWith("CONNECTION_CLOSED");
  }

  private static RedisError named(String message) {
    for (RedisError kind : values()) {
      // A script puts words of its own before the error of the command in it.
      if (message.contains(kind.name())) {
        return kind;
      }
    }
    return OTHER;
  }
}
