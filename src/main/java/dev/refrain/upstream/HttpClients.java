package dev.refrain.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.ClientSSLOptions;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The HTTP clients of one event loop, one for each target, for pools do not cross loops well. New
 * certificates are taken up with the next call; connections made with the old ones are used until
 * they are idle.
 */
public final class HttpClients {
  private static final long LIFETIME_MILLIS = 60_000;

  private final Vertx vertx;
  private final boolean ageing;
  // Strong references: clients are closed when nobody holds them.
  private final Map<Target, Client> clients = new HashMap<>();
  private final Set<Client> leaving = new HashSet<>();
  private Set<Target> kept = Set.of();

  private HttpClients(Vertx vertx, boolean ageing) {
    this.vertx = vertx;
    this.ageing = ageing;
  }

  /** Clients whose connections are kept for as long as they are used. */
  public static HttpClients lasting(Vertx vertx) {
    return new HttpClients(vertx, false);
  }

  /** Clients whose connections are replaced now and then, however busy they are. */
  public static HttpClients ageing(Vertx vertx) {
    return new HttpClients(vertx, true);
  }

  /** Closes the clients of all other targets, once calls under way have had their time. */
  public void keep(Collection<Target> targets) {
    kept = Set.copyOf(targets);
    clients.keySet().stream()
        .filter(target -> !kept.contains(target))
        .forEach(target -> vertx.setTimer(target.totalTimeout().toMillis(), id -> drop(target)));
  }

  // What is passed through may go on for as long as it moves, so even now nothing is cut off.
  private void drop(Target target) {
    Client client = kept.contains(target) ? null : clients.remove(target);
    if (client != null) {
      leaving.add(client);
      client.agent.shutdown(1, TimeUnit.DAYS).onComplete(done -> leaving.remove(client));
    }
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
  public HttpClientAgent of(Target target) {
    return clients.computeIfAbsent(target, this::client).current();
  }

  /**
   * Ends them and whatever is under way. Their event loop would do that too, but Vert.x holds a
   * client that nobody closed, and with it the loop, for as long as the process lives.
   */
  public Future<Void> close() {
    List<Future<Void>> closing =
        clients.values().stream().map(client -> client.agent.close()).toList();
    clients.clear();
    return Future.join(closing).mapEmpty();
  }

  private Client client(Target target) {
    return new Client(
        vertx,
        target,
        made -> {
          if (ageing) {
            age(vertx, made, target.totalTimeout());
          }
        });
  }

  private static final class Client {
    private final Target target;
    private final HttpClientAgent agent;
    private ClientSSLOptions tls;

    Client(Vertx vertx, Target target, Consumer<HttpConnection> made) {
      this.target = target;
      this.agent =
          vertx
              .httpClientBuilder()
              .with(options(target))
              .with(pool(target))
              .withConnectHandler(
                  connection -> {
                    Socket socket = Socket.of(connection);
                    socket.hangUpInOrder();
                    socket.sendByTurns();
                    made.accept(quiet(connection));
                  })
              .build();
    }

    HttpClientAgent current() {
      ClientSSLOptions now = target.transport().tls().get();
      if (target.tls() && now != tls) {
        tls = now;
        agent.updateSSLOptions(now, true);
      }
      return agent;
    }
  }

  // Whoever has a call on it hears of it; the client would log it as an error, whoever's.
  private static HttpConnection quiet(HttpConnection connection) {
    return connection.exceptionHandler(cause -> {});
  }

  private static HttpClientOptions options(Target target) {
    return new HttpClientOptions()
        .setSsl(target.tls())
        .setProxyOptions(target.transport().proxy())
        .setConnectTimeout((int) target.connectTimeout().toMillis())
        // Below the five seconds after which most completion servers close: whoever closes
        // first decides whether a request meets a dead connection.
        .setKeepAliveTimeout(3)
        .setTcpNoDelay(true)
        .setMaxHeaderSize(32 * 1024);
  }

  private static PoolOptions pool(Target target) {
    return new PoolOptions()
        .setHttp1MaxSize(target.connections())
        // Connecting calls count as waiting too, so a queue below the pool would refuse a
        // burst.
        .setMaxWaitQueueSize(Math.max(target.waiting(), target.connections()));
  }
}
