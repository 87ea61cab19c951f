package dev.refrain.redis;

import dev.refrain.redis.Replies.NoReply;
import dev.refrain.redis.ServerLink.Connector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;

/**
 * Connects to the master that sentinels name at that moment. One after the other is asked, until
 * one knows; and the server they name must say of itself that it is a master, because the sentinels
 * may not know of a failover yet.
 *
 * <p>Lives on one event loop. Source: Redis documentation, "Guidelines for Redis clients with
 * support for Redis Sentinel".
 */
final class Sentinels implements Connector {
  private final Context loop;
  private final RedisSettings settings;
  private final Servers.Watched watched;
  private final long millis;

  /** The sentinel to ask first: the one that answered last. */
  private int first;

  Sentinels(Context loop, RedisSettings settings, Servers.Watched watched) {
    this.loop = loop;
    this.settings = settings;
    this.watched = watched;
    this.millis = settings.connectTimeout().toMillis();
  }

  @Override
  public Future<PipelinedConnection> dial() {
    return ask(0).compose(this::connect);
  }

  private Future<Endpoint> ask(int asked) {
    int count = watched.sentinels().size();
    int which = (first + asked) % count;
    return ask(watched.sentinels().get(which))
        .onSuccess(known -> first = which)
        .recover(cause -> asked + 1 < count ? ask(asked + 1) : Future.failedFuture(cause));
  }

  private Future<Endpoint> ask(Endpoint sentinel) {
    Request question =
        Request.cmd(Command.SENTINEL).arg("get-master-addr-by-name").arg(watched.master());
    return PipelinedConnection.dial(
            loop,
            PipelinedConnection.options(settings, sentinel, watched.tls(), watched.own(), 0),
            millis)
        .compose(connection -> once(connection, question).eventually(connection::close))
        .compose(this::read);
  }

  private Future<Endpoint> read(Response address) {
    return address == null
        ? Future.failedFuture(new NoReply("no such master is known to the sentinels"))
        : Future.succeededFuture(
            new Endpoint(address.get(0).toString(), address.get(1).toInteger()));
  }

  private Future<PipelinedConnection> connect(Endpoint master) {
    return PipelinedConnection.dial(
            loop,
            PipelinedConnection.options(
                settings, master, watched.tls(), watched.login(), watched.database()),
            millis)
        .compose(
            connection ->
                isMaster(connection)
                    .recover(
                        cause -> connection.close().transform(done -> Future.failedFuture(cause)))
                    .map(connection));
  }

  private Future<Void> isMaster(PipelinedConnection connection) {
    return once(connection, Request.cmd(Command.ROLE))
        .transform(
            (role, cause) -> {
              // If ROLE is forbidden, the answer of the sentinels is trusted.
              boolean master =
                  cause == null
                      ? role.get(0).toString().equals("master")
                      : cause instanceof Response;
              return master
                  ? Future.succeededFuture()
                  : Future.failedFuture(new NoReply("the sentinels name no master yet"));
            });
  }

  private Future<Response> once(PipelinedConnection connection, Request request) {
    return connection.send(request).timeout(millis, TimeUnit.MILLISECONDS);
  }
}
