package dev.refrain.upstream;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Waiters, taken by round-robin among callers, and of one caller in order of arrival: one that
 * sends many requests delays itself and no other. Any thread; locks only while there are waiters.
 *
 * <p>Source: RFC 970 (fair queueing), with one request as the unit.
 *
 * @param <T> a waiter
 */
final class FairQueue<T> {
  // The first caller is next; after its turn it goes to the end.
  private final Map<Long, Deque<T>> byCaller = new LinkedHashMap<>();
  private volatile int size;

  boolean isEmpty() {
    return size == 0;
  }

  synchronized void add(long caller, T waiter) {
    byCaller.computeIfAbsent(caller, first -> new ArrayDeque<>()).add(waiter);
    size++;
  }

  /** Takes the next one; null if there is none. */
  synchronized T poll() {
    if (size == 0) {
      return null;
    }
    long caller = byCaller.keySet().iterator().next();
    Deque<T> own = byCaller.remove(caller);
    T next = own.poll();
    if (!own.isEmpty()) {
      byCaller.put(caller, own);
    }
    size--;
    return next;
  }

  /** Removes a waiter that gave up; false if it is not in the queue. */
  synchronized boolean remove(long caller, T waiter) {
    Deque<T> own = byCaller.get(caller);
    if (own == null || !own.remove(waiter)) {
      return false;
    }
    removedOf(caller, own);
    return true;
  }

  /**
   * Takes out the newest of the caller that has the most, to make room for one of {@code caller};
   * null if that one would then have as many itself.
   */
  synchronized T displace(long caller) {
    Deque<T> own = byCaller.get(caller);
    int after = own == null ? 1 : own.size() + 1;
    Map.Entry<Long, Deque<T>> largest =
        byCaller.entrySet().stream()
            .max(Comparator.comparingInt(entry -> entry.getValue().size()))
            .filter(entry -> entry.getValue().size() > after)
            .orElse(null);
    if (largest == null) {
      return null;
    }
    T newest = largest.getValue().pollLast();
    removedOf(largest.getKey(), largest.getValue());
    return newest;
  }

  private void removedOf(long caller, Deque<T> own) {
    size--;
    if (own.isEmpty()) {
      byCaller.remove(caller);
    }
  }
}
