package dev.refrain.redis;

import dev.refrain.inference.Observer;
import dev.refrain.redis.ServerLink.Connector;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;

/** All keys on one server: a stand-alone one, or the master that sentinels name. */
final class SingleLink implements RedisLink {
  private final ServerLink server;
  private final RedisLog log;
  private final Observer observer;

  /** A link to what is dialled. */
  SingleLink(
      Context loop, RedisSettings settings, Connector connector, RedisLog log, Observer observer) {
    this.log = log;
    this.observer = observer;
    this.server = new ServerLink(loop, settings, "redis", connector, log, observer::redisState);
  }

  @Override
  public Future<Response> send(String key, Request request, long millis) {
    return server.send(request, millis).onComplete((reply, cause) -> ended(request, cause));
  }

  private void ended(Request request, Throwable cause) {
    Replies.record(observer, request, cause);
    if (cause != null) {
      log.refused(request.command(), cause);
    }
  }

  @Override
  public Future<Void> tried() {
    return server.tried();
  }

  @Override
  public boolean isUp() {
    return server.isUp();
  }

  @Override
  public State breaker() {
    return server.breaker();
  }

  @Override
  public boolean isConnected(String key) {
    return server.isConnected();
  }

  @Override
  public Object connection(String key) {
    return server.connection();
  }

  @Override
  public int slot(String key) {
    return 0;
  }

  @Override
  public boolean isSingle() {
    return true;
  }

  @Override
  public Future<Void> close() {
    return server.close();
  }
}
