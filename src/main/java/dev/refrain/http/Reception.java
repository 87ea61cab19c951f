package dev.refrain.http;

import dev.refrain.completion.Observer;
import dev.refrain.http.Occupancy.Place;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;

/**
 * Receives the connections of one event loop: as many as there is room for, and each for as long as
 * it has something to ask.
 */
public final class Reception implements Handler<HttpConnection> {
  private final DoorSettings settings;
  private final Occupancy occupancy;
  private final Deadlines deadlines;
  private final Observer observer;

  /** A reception for the event loop it is used on; the room is that of the process. */
  public Reception(
      DoorSettings settings, Occupancy occupancy, Deadlines deadlines, Observer observer) {
    this.settings = settings;
    this.occupancy = occupancy;
    this.deadlines = deadlines;
    this.observer = observer;
  }

  @Override
  public void handle(HttpConnection connection) {
    Socket socket = Socket.of(connection);
    socket.heard();
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
