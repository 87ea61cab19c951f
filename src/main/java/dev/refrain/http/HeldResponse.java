package dev.refrain.http;

import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/**
 * A response that waits for its reader: the heap that it holds meanwhile, and since when. Over
 * HTTP/2 a stream can stand still while its connection does not. Lives on the event loop.
 */
final class HeldResponse implements SlowReaders.Reader {
  private static final long CANCEL = 0x8; // RFC 9113 §7

  private final HttpServerRequest request;
  private final SlowReaders readers;
  private final Reservation held;
  private long bytes;
  private long since;

  HeldResponse(HttpServerRequest request, SlowReaders readers) {
    this.request = request;
    this.readers = readers;
    this.held = readers.reserve(Use.HELD_RESPONSES);
  }

  /** Begins to wait, holding so many bytes. */
  void await(long holding) {
    if (held.isReleased()) {
      return; // its caller left while this was written
    }
    bytes = holding;
    since = System.nanoTime();
    readers.add(this);
    readers.grow(use(), held, bytes);
  }

  /** The reader has taken something: it waits no longer. */
  void goOn() {
    readers.remove(this);
    held.shrinkTo(0);
  }

  /** The response is over. */
  void end() {
    readers.remove(this);
    held.release();
  }

  @Override
  public boolean isWaiting(long now) {
    readers.grow(use(), held, bytes);
    return true;
  }

  @Override
  public Use use() {
    return Use.HELD_RESPONSES;
  }

  @Override
  public long since() {
    return since;
  }

  @Override
  public void cut() {
    end();
    if (request.version() == HttpVersion.HTTP_2) {
      request.response().reset(CANCEL);
    } else {
      Socket.of(request.connection()).cut();
    }
  }
}
