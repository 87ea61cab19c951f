package dev.refrain.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client with a pool of connections of HTTP/1.1, and the certificates as they are now. */
final class PooledClient implements Client {
  private static final long CANCEL = 0x8; // RFC 9113 §7

  private static final Duration DISTRUST = Duration.ofMinutes(10);
  private static final Logger LOG = LoggerFactory.getLogger(PooledClient.class);

  private final Target target;
  private final HttpClientAgent agent;
  private ClientSSLOptions tls;
  private final boolean reusing;
  private boolean distrusted;
  private long distrustedSince;

  /** A client; each of its calls has a connection of its own unless it is {@code reusing}. */
  PooledClient(Vertx vertx, Target target, boolean reusing, Consumer<HttpConnection> made) {
    this.target = target;
    this.reusing = reusing;
    this.agent =
        vertx
            .httpClientBuilder()
            .with(options(target))
            .with(pool(target))
            .withConnectHandler(
                connection -> {
                  Socket.of(connection).begin(target.transport().headerSize(), this::distrust);
                  made.accept(quiet(connection));
                })
            .build();
  }

  // The call on it is notified; the client would log it as an error in any case.
  private static HttpConnection quiet(HttpConnection connection) {
    return connection.exceptionHandler(cause -> {});
  }

  // Bytes on their way when the next request leaves look like its response, so that one excess
  // that was seen is a warning of those that would not be.
  private void distrust() {
    if (!isDistrusted()) {
      LOG.warn(
          "upstream {}: sends more than its answers; for {} min every call has a connection of its"
              + " own",
          target.name(),
          DISTRUST.toMinutes());
    }
    distrusted = true;
    distrustedSince = System.nanoTime();
  }

  private boolean isDistrusted() {
    return distrusted && System.nanoTime() - distrustedSince < DISTRUST.toNanos();
  }

  @Override
  public Future<HttpClientRequest> request(RequestOptions options) {
    return isDistrusted() || !reusing ? fresh(options) : any(options);
  }

  private Future<HttpClientRequest> any(RequestOptions options) {
    ClientSSLOptions now = target.transport().tls().get();
    if (target.tls() && now != tls) {
      tls = now;
      agent.updateSSLOptions(now, true);
    }
    return agent.request(options);
  }

  @Override
  public Future<HttpClientRequest> fresh(RequestOptions options) {
    return any(options)
        .compose(
            request -> {
              if (!isReused(request)) {
                return Future.succeededFuture(request);
              }
              request.exceptionHandler(closed -> {});
              abandon(request);
              return fresh(options);
            });
  }

  @Override
  public boolean isReused(HttpClientRequest request) {
    return Socket.of(request.connection()).isUsed();
  }

  // Closed first: a request that is only reset, and of which nothing was written, gives its
  // connection back.
  @Override
  public void abandon(HttpClientRequest request) {
    Socket.of(request.connection()).close();
    request.reset(CANCEL);
  }

  Future<Void> close() {
    return agent.close();
  }

  /** Closes it once what is under way has ended. */
  Future<Void> leave() {
    return agent.shutdown(1, TimeUnit.DAYS);
  }

  private static HttpClientOptions options(Target target) {
    return new HttpClientOptions()
        .setSsl(target.tls())
        .setProxyOptions(target.transport().proxy())
        .setConnectTimeout((int) target.connectTimeout().toMillis())
        // Below the five seconds after which most completion servers close: the side that closes
        // first decides whether a request meets a dead connection.
        .setKeepAliveTimeout(3)
        .setTcpNoDelay(true);
  }

  private static PoolOptions pool(Target target) {
    return new PoolOptions()
        .setHttp1MaxSize(target.connections())
        // Connecting calls count as waiting too, so a queue below the pool would refuse a
        // burst.
        .setMaxWaitQueueSize(Math.max(target.waiting(), target.connections()));
  }
}
