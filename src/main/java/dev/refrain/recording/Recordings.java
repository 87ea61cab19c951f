package dev.refrain.recording;

import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import java.util.concurrent.atomic.LongAdder;

/**
 * The recordings of a process that are written or read, and what they remember. Any thread may ask.
 */
public final class Recordings {
  private final MemoryBudget memory;
  private final LongAdder count = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  /** None so far, with as much memory as they like. */
  public Recordings() {
    this(MemoryBudget.unlimited());
  }

  /** None so far, within this budget. */
  public Recordings(MemoryBudget memory) {
    this.memory = memory;
  }

  /** An empty reservation for one of them. */
  Reservation reserve() {
    return memory.reserve(Use.RECORDINGS);
  }

  /** How many there are. */
  public long count() {
    return count.sum();
  }

  /** The size of their frames together, in bytes. */
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
