package dev.refrain.upstream.passthrough;

import io.vertx.core.net.NetSocket;

/**
 * Two connections that have become one: bytes in both ways, each held back by the other end.
 * Frames, close codes and extensions of a WebSocket are not interpreted. Where one end closes, the
 * other is closed once it has all that was sent.
 */
final class Tunnel {
  private final NetSocket near;
  private final NetSocket far;
  private final Pump up;
  private final Pump down;
  private final Runnable closed;
  private boolean nearClosed;
  private boolean farClosed;

  /**
   * A tunnel.
   *
   * @param near the caller's end
   * @param far the upstream's end, paused
   * @param closed called when both ends are closed
   */
  Tunnel(NetSocket near, NetSocket far, Runnable progress, Runnable closed) {
    this.near = near;
    this.far = far;
    this.up = new Pump(near, far, progress);
    this.down = new Pump(far, near, progress);
    this.closed = closed;
  }

  void start() {
    near.exceptionHandler(cause -> {}); // a closing follows
    far.exceptionHandler(cause -> {});
    near.closeHandler(v -> nearClosed());
    far.closeHandler(v -> farClosed());
    up.start(null);
    down.start(null);
    far.resume();
  }

  private void nearClosed() {
    nearClosed = true;
    if (!farClosed) {
      up.finish(far::end);
    }
    checkClosed();
  }

  private void farClosed() {
    if (farClosed) {
      return; // it is reported in more than one way
    }
    farClosed = true;
    if (!nearClosed) {
      down.finish(near::end);
    }
    checkClosed();
  }

  private void checkClosed() {
    if (nearClosed && farClosed) {
      closed.run();
    }
  }

  /** Closes the caller's end, whatever is still under way; the other is the client's to close. */
  void close() {
    near.close();
  }

  /** Bytes from the caller to the upstream. */
  long up() {
    return up.bytes();
  }

  /** Bytes from the upstream to the caller. */
  long down() {
    return down.bytes();
  }
}
