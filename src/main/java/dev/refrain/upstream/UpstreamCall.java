package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Observer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientBuilder;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The last stage: asks a server. One for each event loop, with a client of its own for each target,
 * for pools do not cross loops well; how many calls there are at once is the server's {@code
 * Limit}.
 */
public final class UpstreamCall implements Calls {
  private static final long LIFETIME_MILLIS = 60_000;

  // A strong reference: clients are closed when nobody holds them.
  private final Map<Target, HttpClientAgent> clients = new HashMap<>();
  private final Watch watch;
  private final AnswerLimits limits;
  private final Observer observer;

  /** A stage for the event loop it is made on. */
  public UpstreamCall(Vertx vertx, Routes routes, AnswerLimits limits, Observer observer) {
    this.watch = new Watch(vertx);
    this.limits = limits;
    this.observer = observer;
    for (Upstream upstream : routes.upstreams()) {
      clients.put(upstream.target(), ageing(vertx, upstream.target()));
    }
  }

  private static HttpClientAgent ageing(Vertx vertx, Target target) {
    return builder(vertx, target)
        .withConnectHandler(connection -> age(vertx, quiet(connection), target.totalTimeout()))
        .build();
  }

  /** A client with a pool of its own for a server. Whoever asks for it must hold it. */
  public static HttpClientAgent client(Vertx vertx, Target target) {
    return builder(vertx, target).withConnectHandler(UpstreamCall::quiet).build();
  }

  private static HttpClientBuilder builder(Vertx vertx, Target target) {
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(target.tls())
            .setConnectTimeout((int) target.connectTimeout().toMillis())
            // Below the five seconds after which most completion servers close: whoever closes
            // first decides whether a request meets a dead connection.
            .setKeepAliveTimeout(3)
            .setTcpNoDelay(true)
            .setMaxHeaderSize(32 * 1024);
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(target.connections())
            // Connecting calls count as waiting too, so a queue below the pool would refuse a
            // burst.
            .setMaxWaitQueueSize(Math.max(target.waiting(), target.connections()));
    return vertx.httpClientBuilder().with(options).with(pool);
  }

  // Whoever has a call on it hears of it; the client would log it as an error, whoever's.
  private static HttpConnection quiet(HttpConnection connection) {
    return connection.exceptionHandler(cause -> {});
  }

  // One that is never idle would keep to the address its name had when it was opened.
  private static void age(Vertx vertx, HttpConnection connection, Duration totalTimeout) {
    long retire =
        vertx.setTimer(
            LIFETIME_MILLIS,
            id -> connection.shutdown(totalTimeout.toMillis(), TimeUnit.MILLISECONDS));
    connection.closeHandler(v -> vertx.cancelTimer(retire));
  }

  /** The client of a server. */
  HttpClientAgent client(Target target) {
    return clients.get(target);
  }

  @Override
  public Future<Completion> call(CompletionRequest request, Attempt attempt) {
    Exchange exchange = new Exchange(request, attempt, watch, limits, observer);
    return exchange.start(clients.get(attempt.target()));
  }
}
