package dev.refrain.management;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Bounds the connections of the management port, and the time in which each brings a whole request,
 * head and body. A new connection is always let in, so that probes are answered while a port is
 * flooded: at the bound the oldest one gives way, those that wait for a request before those that
 * are answered.
 *
 * <p>Lives on one event loop.
 */
final class ConnectionLimit implements Handler<HttpConnection> {
  private final Vertx vertx;
  private final int most;
  private final Duration first;
  private final Duration next;
  private final Map<HttpConnection, Stay> stays = new HashMap<>();
  // Each in the order of arrival.
  private final Set<HttpConnection> waiting = new LinkedHashSet<>();
  private final Set<HttpConnection> answered = new LinkedHashSet<>();

  /**
   * No connection yet.
   *
   * @param most connections at once
   * @param first time for the first request of a connection
   * @param next the same for each further one, from the end of the answer before
   */
  ConnectionLimit(Vertx vertx, int most, Duration first, Duration next) {
    this.vertx = vertx;
    this.most = most;
    this.first = first;
    this.next = next;
  }

  @Override
  public void handle(HttpConnection connection) {
    if (stays.size() >= most) {
      HttpConnection oldest = oldest();
      forget(oldest);
      oldest.close();
    }
    Stay stay = new Stay(connection);
    stays.put(connection, stay);
    connection.closeHandler(closed -> forget(connection));
    stay.await(first);
  }

  private HttpConnection oldest() {
    Iterator<HttpConnection> inOrder = (waiting.isEmpty() ? answered : waiting).iterator();
    return inOrder.next();
  }

  /** The head of a request has arrived. */
  void began(HttpServerRequest request) {
    Stay stay = stays.get(request.connection());
    if (stay != null) {
      stay.began(request);
    }
  }

  /** This request may take longer, though not without a byte for longer than any connection. */
  void extend(HttpServerRequest request) {
    Stay stay = stays.get(request.connection());
    if (stay != null) {
      stay.extend();
    }
  }

  /** Its answer is sent. */
  void ended(HttpServerRequest request) {
    Stay stay = stays.get(request.connection());
    if (stay != null) {
      stay.ended();
    }
  }

  private void forget(HttpConnection connection) {
    Stay stay = stays.remove(connection);
    if (stay != null) {
      vertx.cancelTimer(stay.timer);
      waiting.remove(connection);
      answered.remove(connection);
    }
  }

  /** Of one connection. */
  private final class Stay {
    private final HttpConnection connection;
    private long timer;
    private boolean received;
    private boolean sent;

    Stay(HttpConnection connection) {
      this.connection = connection;
    }

    void await(Duration limit) {
      answered.remove(connection);
      waiting.add(connection);
      timer = vertx.setTimer(limit.toMillis(), late -> connection.close());
    }

    void began(HttpServerRequest request) {
      received = false;
      sent = false;
      request.end().onSuccess(whole -> received());
    }

    void extend() {
      vertx.cancelTimer(timer);
      if (waiting.remove(connection)) {
        answered.add(connection);
      }
    }

    private void received() {
      received = true;
      vertx.cancelTimer(timer);
      if (sent) {
        await(next);
      } else if (waiting.remove(connection)) {
        answered.add(connection);
      }
    }

    void ended() {
      sent = true;
      if (received) {
        await(next);
      }
    }
  }
}
