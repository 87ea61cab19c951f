package dev.refrain.scenario;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a soak came to, by name. Safe on any thread. */
final class SoakTally {
  private static final int MOST_TOLD = 20;

  private final Map<String, AtomicLong> counts = new ConcurrentSkipListMap<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  void count(String what) {
    counts.computeIfAbsent(what, name -> new AtomicLong()).incrementAndGet();
  }

  /** Something that must not happen. */
  void wrong(String what) {
    count("wrong");
    if (wrong.size() < MOST_TOLD) {
      wrong.add(what);
    }
  }

  Queue<String> wrong() {
    return wrong;
  }

  long requests() {
    AtomicLong requests = counts.get("requests");
    return requests == null ? 0 : requests.get();
  }

  String summary() {
    return counts.toString();
  }
}
