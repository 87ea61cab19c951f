package dev.refrain.redis;

import dev.refrain.redis.Replies.NoReply;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.ProtocolVersion;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One open, pipelined connection to Redis on one event loop, in a client of its own.
 *
 * <p>The client's only use is to be closed: that is what closes the socket, be it in the middle of
 * a handshake or full of unanswered commands.
 */
final class PipelinedConnection {
  private final Redis client;
  private final RedisConnection connection;

  private PipelinedConnection(Redis client, RedisConnection connection) {
    this.client = client;
    this.connection = connection;
  }

  /** The options for a server that is entered as the settings say. */
  static RedisOptions options(
      RedisSettings settings, Endpoint server, boolean tls, Servers.Login login, int database) {
    // Sentinels do not support SELECT.
    String path = database == 0 ? "" : "/" + database;
    RedisOptions options = options(settings, (tls ? "rediss://" : "redis://") + server + path);
    if (!login.password().isEmpty()) {
      options.setPassword(login.password());
      options.setUser(login.user().isEmpty() ? null : login.user());
    }
    return options;
  }

  /** The options for the server of a URL, which says all. */
  static RedisOptions options(RedisSettings settings, String url) {
    NetClientOptions net =
        new NetClientOptions()
            .setConnectTimeout((int) settings.connectTimeout().toMillis())
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true);
    if (url.startsWith("rediss:")) {
      net.setSsl(true).setHostnameVerificationAlgorithm("HTTPS");
    }
    return new RedisOptions()
        .setConnectionString(url)
        .setNetClientOptions(net)
        .setPreferredProtocolVersion(ProtocolVersion.RESP2)
        .setMaxPoolSize(1)
        .setMaxPoolWaiting(1)
        .setPoolCleanerInterval(-1)
        .setPoolRecycleTimeout(-1)
        .setMaxWaitingHandlers(settings.pending());
  }

  /**
   * Connects and greets. An attempt that fails has closed its socket when the future fails.
   *
   * @param context the event loop of the connection
   * @param millis the longest it may take together
   */
  static Future<PipelinedConnection> dial(Context context, RedisOptions options, long millis) {
    ContextInternal loop = (ContextInternal) context;
    Promise<PipelinedConnection> dialled = Promise.promise();
    scope(loop)
        .runOnContext(
            start ->
                Future.succeededFuture()
                    .compose(begun -> connect(loop, options, millis))
                    .onComplete(dialled));
    return dialled.future();
  }

  private static Future<PipelinedConnection> connect(
      ContextInternal loop, RedisOptions options, long millis) {
    return HostLookup.resolve(loop.owner(), options)
        .timeout(millis, TimeUnit.MILLISECONDS)
        .compose(resolved -> connectTo(loop, resolved, millis));
  }

  private static Future<PipelinedConnection> connectTo(
      ContextInternal loop, RedisOptions options, long millis) {
    Redis client = Redis.createClient(loop.owner(), options);
    return client
        .connect()
        .timeout(millis, TimeUnit.MILLISECONDS)
        .map(connection -> new PipelinedConnection(client, connection))
        .recover(cause -> client.close().transform(done -> Future.failedFuture(cause)));
  }

  /**
   * A context on the same loop, so that its clients are not shared. Vert.x registers a client with
   * the close hooks of its context and leaves it there when the client is closed; during a long
   * outage the hooks of a verticle would fill with dead clients.
   */
  private static ContextInternal scope(ContextInternal loop) {
    return loop.owner()
        .contextBuilder()
        .withThreadingModel(ThreadingModel.EVENT_LOOP)
        .withEventLoop(loop.nettyEventLoop())
        .withClassLoader(loop.classLoader())
        .withCloseFuture(new CloseFuture())
        .build();
  }

  /** Sets the listener for the end of the connection; it may be called twice, on the event loop. */
  void onEnd(Consumer<Throwable> listener) {
    connection.endHandler(end -> listener.accept(NoReply.CLOSED));
    connection.exceptionHandler(listener::accept);
  }

  /** Whether no further command can be taken before replies come. */
  boolean isFull() {
    return connection.pendingQueueFull();
  }

  /** Sends a command behind the earlier ones. The future has no timeout of its own. */
  Future<Response> send(Request request) {
    return connection.send(request);
  }

  /** Closes the socket; what is in flight fails. */
  Future<Void> close() {
    return client.close();
  }
}
