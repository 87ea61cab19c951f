package dev.refrain.upstream;

import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The HTTP clients of one event loop, one for each target, because pools do not cross loops well.
 * New certificates are taken up with the next call; connections made with the old ones are used
 * until they are idle.
 */
public final class HttpClients {
  private static final long LIFETIME_MILLIS = 60_000;

  private final Vertx vertx;
  private final boolean ageing;
  private final boolean reusing;
  // Strong references: unreferenced clients are closed.
  private final Map<Target, PooledClient> clients = new HashMap<>();
  private final Set<PooledClient> leaving = new HashSet<>();
  private Set<Target> kept = Set.of();

  private HttpClients(Vertx vertx, boolean ageing, boolean reusing) {
    this.reusing = reusing;
    this.vertx = vertx;
    this.ageing = ageing;
  }

  /** Clients whose connections are kept for as long as they are used. */
  public static HttpClients lasting(Vertx vertx) {
    return new HttpClients(vertx, false, true);
  }

  /**
   * Clients that have a new connection for each call to a server without TLS: some engines close
   * one behind an answer without saying so, and a call that meets the end of it must not be
   * repeated.
   */
  public static HttpClients single(Vertx vertx) {
    return new HttpClients(vertx, false, false);
  }

  /** Clients whose connections are replaced now and then, however busy they are. */
  public static HttpClients ageing(Vertx vertx) {
    return new HttpClients(vertx, true, true);
  }

  /** Closes the clients of all other targets, once calls under way have had their time. */
  public void keep(Collection<Target> targets) {
    kept = Set.copyOf(targets);
    clients.keySet().stream()
        .filter(target -> !kept.contains(target))
        .forEach(target -> vertx.setTimer(target.totalTimeout().toMillis(), id -> drop(target)));
  }

  // A pass-through transfer may continue as long as bytes move, so none is cut off even now.
  private void drop(Target target) {
    PooledClient client = kept.contains(target) ? null : clients.remove(target);
    if (client != null) {
      leaving.add(client);
      client.leave().onComplete(done -> leaving.remove(client));
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

  /**
   * Makes a small GET request besides the calls, within bounds of time and size.
   *
   * @param path below the server's address
   * @param millis longest wait for all of it
   */
  public Future<Whole> get(Target target, String path, long millis) {
    return BoundedGet.ask(of(target), target, path, HttpHeaders.headers(), millis);
  }

  /** The client of a server. */
  public Client of(Target target) {
    return clients.computeIfAbsent(target, this::client);
  }

  /**
   * Ends them and whatever is under way. Their event loop would do that too, but Vert.x holds an
   * unclosed client, and with it the loop, for the life of the process.
   */
  public Future<Void> close() {
    List<Future<Void>> closing = clients.values().stream().map(PooledClient::close).toList();
    clients.clear();
    return Future.join(closing).mapEmpty();
  }

  private PooledClient client(Target target) {
    return new PooledClient(
        vertx,
        target,
        reusing || target.tls(),
        made -> {
          if (ageing) {
            age(vertx, made, target.totalTimeout());
          }
        });
  }
}
