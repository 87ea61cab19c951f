package dev.refrain.recording;

import java.util.concurrent.atomic.LongAdder;

/**
 * The recordings of a process that are written or read, and what they remember. Any thread may ask.
 */
public final class Recordings {
  private final LongAdder count = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  /** How many there are. */
  public long count() {
    return count.sum();
  }

  /** What their frames weigh together, in bytes. */
  public long bytes() {
    return bytes.sum();
  }

  void begun() {
    count.increment();
  }

  void ended() {
    count.decrement();
  }

  void remember(long more) {
    bytes.add(more);
  }
}
