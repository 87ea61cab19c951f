package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Observer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.util.HashMap;
import java.util.Map;

/**
 * The last stage: asks a server. One for each event loop, with a client of its own for each target,
 * for pools do not cross loops well; how many calls there are at once is the server's {@code
 * Limit}.
 */
public final class UpstreamCall implements Calls {
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
      clients.put(upstream.target(), client(vertx, upstream.target()));
    }
  }

  /** A client with a pool of its own for a server. Whoever asks for it must hold it. */
  public static HttpClientAgent client(Vertx vertx, Target target) {
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
            .setMaxWaitQueueSize(target.connections());
    return vertx.httpClientBuilder().with(options).with(pool).build();
  }

  @Override
  public Future<Completion> call(CompletionRequest request, Attempt attempt) {
    Exchange exchange = new Exchange(request, attempt, watch, limits, observer);
    return exchange.start(clients.get(attempt.target()));
  }
}
