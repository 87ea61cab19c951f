package dev.refrain.http;

import dev.refrain.http.ConnectionCount.Slot;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Observer;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;

/** Admits the connections of one event loop, within a limit, and closes those that are idle. */
public final class ConnectionAdmission implements Handler<HttpConnection> {
  private final ServerSettings settings;
  private final ConnectionCount connections;
  private final Deadlines deadlines;
  private final SlowReaders readers;
  private final Observer observer;
  private final Handler<HttpServerRequest> door;

  /**
   * A reception for the event loop it is used on; the room is that of the process.
   *
   * @param door takes every request
   */
  public ConnectionAdmission(
      ServerSettings settings,
      ConnectionCount connections,
      Deadlines deadlines,
      SlowReaders readers,
      Observer observer,
      Handler<HttpServerRequest> door) {
    this.settings = settings;
    this.connections = connections;
    this.deadlines = deadlines;
    this.readers = readers;
    this.observer = observer;
    this.door = door;
  }

  @Override
  public void handle(HttpConnection connection) {
    Socket.lead(connection, door);
    Socket socket = Socket.of(connection);
    socket.endFirstTimeout();
    socket.awaitPreface();
    if (socket.timer() != null) {
      return; // the same one, upgraded to HTTP/2
    }
    Slot slot = connections.enter();
    if (slot == Slot.NONE) {
      observer.rejected(Observer.RejectReason.FULL);
      socket.close();
      return;
    }
    watch(socket, slot == Slot.FREE);
  }

  private void watch(Socket socket, boolean welcome) {
    ConnectionTimer timer =
        new ConnectionTimer(
            socket,
            welcome,
            settings.headerTimeout(),
            settings.keepAliveTimeout(),
            connections::isClosing,
            observer);
    deadlines.add(timer);
    socket.send(readers);
    socket.enter(
        timer,
        () -> {
          deadlines.remove(timer);
          connections.leave();
        });
  }
}
