package dev.refrain.http;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts connections over all event loops against a limit. */
public final class ConnectionCount {
  private static final int MARGIN_SHARE = 8;

  private final AtomicInteger count = new AtomicInteger();
  private final int most;
  private volatile boolean closing;

  /** Result of the admission of a new connection. */
  enum Slot {
    /** It is welcome. */
    FREE,
    /** It gets an error response. */
    STANDING,
    /** It is closed without a response. */
    NONE
  }

  /** Room for {@code most}, and a margin for connections that get an error response. */
  public ConnectionCount(int most) {
    this.most = most;
  }

  /** Takes a place. Unless it is {@code NONE} it must be left. */
  Slot enter() {
    int now = count.incrementAndGet();
    if (now <= most) {
      return Slot.FREE;
    }
    if (now - most <= Math.max(1, most / MARGIN_SHARE)) {
      return Slot.STANDING;
    }
    count.decrementAndGet();
    return Slot.NONE;
  }

  void leave() {
    count.decrementAndGet();
  }

  /** From now on a connection is closed after its response, which announces it. On any thread. */
  public void close() {
    closing = true;
  }

  boolean isClosing() {
    return closing;
  }

  /** Connections now. */
  public int count() {
    return count.get();
  }
}
