package dev.refrain.http;

import dev.refrain.completion.Observer;
import dev.refrain.http.Occupancy.Place;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;

/**
 * Receives the connections of one event loop: as many as there is room for, and each for as long as
 * it has something to ask.
 */
public final class Reception implements Handler<HttpConnection> {
  private final DoorSettings settings;
  private final Occupancy occupancy;
  private final Deadlines deadlines;
  private final Observer observer;
  private final Handler<HttpServerRequest> door;

  /**
   * A reception for the event loop it is used on; the room is that of the process.
   *
   * @param door takes every request
   */
  public Reception(
      DoorSettings settings,
      Occupancy occupancy,
      Deadlines deadlines,
      Observer observer,
      Handler<HttpServerRequest> door) {
    this.settings = settings;
    this.occupancy = occupancy;
    this.deadlines = deadlines;
    this.observer = observer;
    this.door = door;
  }

  @Override
  public void handle(HttpConnection connection) {
    Socket.lead(connection, door);
    Socket socket = Socket.of(connection);
    socket.heard();
    socket.awaitPreface();
    if (socket.visit() != null) {
      return; // the same one, upgraded to HTTP/2
    }
    Place place = occupancy.enter();
    if (place == Place.NONE) {
      observer.turnedAway(Observer.Away.FULL);
      socket.close();
      return;
    }
    receive(socket, place == Place.FREE);
  }

  private void receive(Socket socket, boolean welcome) {
    Visit visit =
        new Visit(
            socket,
            welcome,
            settings.headerTimeout(),
            settings.keepAliveTimeout(),
            occupancy::isClosing,
            observer);
    deadlines.add(visit);
    socket.sendByTurns();
    socket.enter(
        visit,
        () -> {
          deadlines.remove(visit);
          occupancy.leave();
        });
  }
}
