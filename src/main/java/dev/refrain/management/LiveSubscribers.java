package dev.refrain.management;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients of the live page and their events: the whole state, at once and then periodically. An
 * event is made on a worker thread, one at a time and the same for all; without subscribers none is
 * made.
 *
 * <p>An event is not sent to a subscriber that has not read the last ones: each is whole, so
 * nothing is lost but its moment. A subscriber that reads nothing at all is closed by the server's
 * idle timeout.
 *
 * <p>Lives on one event loop.
 */
final class LiveSubscribers {
  /** As many as may watch; the next one takes the place of the oldest. */
  static final int MOST = 32;

  private static final Logger LOG = LoggerFactory.getLogger(LiveSubscribers.class);

  private final Set<HttpServerResponse> watching = new LinkedHashSet<>();
  private final Vertx vertx;
  private final Duration period;
  private final Callable<Buffer> state;
  private boolean making;
  private boolean failing;
  private long timer;

  /**
   * No subscriber yet.
   *
   * @param period from one event to the next
   * @param state one line of text; called on a worker thread, may block
   */
  LiveSubscribers(Vertx vertx, Duration period, Callable<Buffer> state) {
    this.vertx = vertx;
    this.period = period;
    this.state = state;
  }

  /**
   * Sends events from now on, until the other side leaves.
   *
   * @param response whose head has not been sent
   */
  void add(HttpServerResponse response) {
    if (watching.size() >= MOST) {
      HttpServerResponse oldest = watching.iterator().next();
      remove(oldest);
      oldest.end();
    }
    response.exceptionHandler(gone -> remove(response));
    response.closeHandler(gone -> remove(response));
    response.setChunked(true).writeHead();
    if (watching.isEmpty()) {
      timer = vertx.setPeriodic(period.toMillis(), id -> publish());
    }
    watching.add(response);
    publish();
  }

  /** How many there are. */
  int count() {
    return watching.size();
  }

  /** Ends all streams. */
  void close() {
    for (HttpServerResponse response : List.copyOf(watching)) {
      remove(response);
      response.end();
    }
  }

  private void remove(HttpServerResponse response) {
    if (watching.remove(response) && watching.isEmpty()) {
      vertx.cancelTimer(timer);
    }
  }

  private void publish() {
    if (making) {
      return;
    }
    making = true;
    vertx
        .executeBlocking(this::event, false)
        .onComplete(done -> making = false)
        .onSuccess(this::send)
        .onFailure(this::log);
  }

  // Once, and not twice a second.
  private void log(Throwable cause) {
    if (!failing) {
      LOG.error("cannot produce events for the live page", cause);
    }
    failing = true;
  }

  private Buffer event() throws Exception {
    return Buffer.buffer("data: ").appendBuffer(state.call()).appendString("\n\n");
  }

  private void send(Buffer event) {
    failing = false;
    for (HttpServerResponse response : List.copyOf(watching)) {
      if (!response.writeQueueFull()) {
        response.write(event);
      }
    }
  }
}
