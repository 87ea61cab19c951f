package dev.refrain.redis;

import dev.refrain.redis.Replies.NoReply;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Detects servers that answer but do not work: a replica, a server that loads its data, a cluster
 * that is down. Such a server keeps its connections open, so the name that was dialled may already
 * belong to another one.
 *
 * <p>Source: Redis documentation, "Protocol errors", PING, ROLE and CLUSTER INFO. PING is refused
 * while a server loads its data or has lost its master.
 */
final class ServerCheck {
  /** Error codes that concern the server, not the command or its keys. */
  private static final List<String> CODES =
      List.of("READONLY", "LOADING", "MASTERDOWN", "UNBLOCKED", "CLUSTERDOWN", "NOAUTH");

  private ServerCheck() {}

  /** The code of an error reply by which a server does no work at all; empty for all else. */
  static Optional<String> unusable(Throwable cause) {
    if (!(cause instanceof Response) || cause.getMessage() == null) {
      return Optional.empty();
    }
    String message = cause.getMessage();
    return CODES.stream().filter(code -> says(message, code)).findFirst();
  }

  // A script puts words of its own before the error of the command in it.
  private static boolean says(String message, String code) {
    return message.startsWith(code) || message.contains("-" + code + " ");
  }

  /**
   * Asks a new connection whether its server is a master, has its data and serves its cluster. What
   * the server does not let this user ask counts as well.
   *
   * @param millis the longest to wait for each reply
   * @return the connection; fails, with the connection closed, if the server is unusable
   */
  static Future<PipelinedConnection> pass(PipelinedConnection connection, long millis) {
    return ask(connection, Request.cmd(Command.PING), millis)
        .compose(pong -> ask(connection, Request.cmd(Command.ROLE), millis))
        .compose(
            role -> isReplica(role) ? Future.failedFuture(new NoReply("it is a replica")) : done())
        .compose(master -> ask(connection, Request.cmd(Command.CLUSTER).arg("INFO"), millis))
        .compose(
            info -> isDown(info) ? Future.failedFuture(new NoReply("its cluster is down")) : done())
        .map(connection)
        .recover(cause -> connection.close().transform(closed -> Future.failedFuture(cause)));
  }

  private static Future<Optional<Response>> ask(
      PipelinedConnection connection, Request request, long millis) {
    return connection
        .send(request)
        .timeout(millis, TimeUnit.MILLISECONDS)
        .map(Optional::ofNullable)
        .recover(
            cause ->
                ServerLink.spoken(cause) && unusable(cause).isEmpty()
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(cause));
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  private static boolean isReplica(Optional<Response> role) {
    return role.filter(reply -> reply.size() > 0)
        .map(reply -> reply.get(0).toString())
        .filter(name -> !name.equals("master"))
        .isPresent();
  }

  private static boolean isDown(Optional<Response> info) {
    return info.filter(reply -> reply.toString().contains("cluster_state:fail")).isPresent();
  }
}
