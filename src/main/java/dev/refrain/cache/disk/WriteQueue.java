package dev.refrain.cache.disk;

import dev.refrain.inference.Entry;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Entries that wait to be written, bounded in bytes by the memory budget. Any thread adds, one
 * takes; nobody who adds ever waits for the disk.
 */
final class WriteQueue {
  /** Bytes of one transaction; also, what is there so early need not wait for more. */
  private static final long BATCH = 1 << 20;

  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private final Reservation reservation;
  private long bytes;
  private long taken;
  private boolean woken;
  private boolean closed;

  WriteQueue(MemoryBudget budget) {
    reservation = budget.reserve(Use.PENDING_STORES);
  }

  /** Adds an entry; false if there is no room. */
  boolean add(Entry entry) {
    lock.lock();
    try {
      if (closed || !reservation.growTo(bytes + entry.weight())) {
        return false;
      }
      bytes += entry.weight();
      waiting.add(entry);
      changed.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Has the next {@link #take} return, also if there is no entry. */
  void wake() {
    lock.lock();
    try {
      woken = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more entries. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it was closed and is empty. */
  boolean isOver() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for an entry, then for others to go with it. Their memory is held until {@link #written}.
   *
   * @param patience the longest wait for the first, in nanoseconds
   * @param delay the longest wait for others, likewise
   * @return at most {@link #BATCH} bytes, or one entry
   */
  List<Entry> take(long patience, long delay) throws InterruptedException {
    lock.lock();
    try {
      for (long left = patience; waiting.isEmpty() && !woken && !closed && left > 0; ) {
        left = changed.awaitNanos(left);
      }
      for (long left = delay; bytes < BATCH && !woken && !closed && left > 0; ) {
        left = changed.awaitNanos(left);
      }
      woken = false;
      return batch();
    } finally {
      lock.unlock();
    }
  }

  private List<Entry> batch() {
    List<Entry> batch = new ArrayList<>();
    while (!waiting.isEmpty() && (batch.isEmpty() || taken + waiting.peek().weight() <= BATCH)) {
      Entry next = waiting.remove();
      taken += next.weight();
      batch.add(next);
    }
    return batch;
  }

  /** Those that were taken are not needed any more. */
  void written() {
    lock.lock();
    try {
      bytes -= taken;
      taken = 0;
      reservation.shrinkTo(bytes);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until it is closed, or so long; for a disk that failed. */
  void pause(long millis) throws InterruptedException {
    lock.lock();
    try {
      for (long left = TimeUnit.MILLISECONDS.toNanos(millis); !closed && left > 0; ) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
