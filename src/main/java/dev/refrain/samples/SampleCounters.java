package dev.refrain.samples;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Sharing.Unnumbered;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;

/**
 * The counters of this process, bounded in number and time. One for all event loops; safe on any
 * thread.
 *
 * <p>A counter of a run is never dropped to make room for another, because a run that begins anew
 * would get the same samples twice. One caller can have half of them at most. Counters of slots are
 * dropped, the least recently used first: which slot comes next does not matter much.
 */
public final class SampleCounters {
  /** Bytes that a counter takes, about. */
  private static final int WEIGHT = 320;

  /** Numbers that one counter takes back at most. */
  private static final int MOST_UNUSED = 16;

  /** Numbers that one counter compares with what replicas agree on. */
  private static final int MOST_ALONE = 256;

  private final Reservation memory;
  private final LongSupplier clock;
  private final Map<Fingerprint, Counter> runs = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Fingerprint, Counter> slots = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Integer> ofScope = new HashMap<>();
  private int most;
  private long idle;

  /** The numbers {@code first} to {@code first + choices - 1}. */
  private record Range(long first, int choices) {
    boolean meets(Range other) {
      return first < other.first + other.choices && other.first < first + choices;
    }
  }

  private static final class Counter {
    private final long scope;
    private long next;
    private long usedAt;
    private List<Range> unused = List.of();
    // Only those that a call to Redis under way could be given, too.
    private Deque<Range> alone = new ArrayDeque<>(0);

    Counter(long scope) {
      this.scope = scope;
    }
  }

  /**
   * No counters yet.
   *
   * @param most counters of each kind
   * @param idle how long one is kept that is not used
   * @param clock milliseconds that only go forward
   */
  public SampleCounters(MemoryBudget budget, int most, Duration idle, LongSupplier clock) {
    this.memory = budget.reserve(Use.SAMPLE_COUNTERS);
    this.clock = clock;
    bound(most, idle);
  }

  /** Goes by other bounds from now on, as in the constructor. */
  public synchronized void bound(int newMost, Duration newIdle) {
    most = newMost;
    idle = newIdle.toMillis();
  }

  /** The least number that a request of this size got and did not use; empty if there is none. */
  synchronized OptionalLong unused(Unnumbered asked) {
    Counter counter = runs.get(asked.counter());
    if (counter == null) {
      return OptionalLong.empty();
    }
    Range least = null;
    for (Range each : counter.unused) {
      boolean fits = each.choices == asked.choices();
      least = fits && (least == null || each.first < least.first) ? each : least;
    }
    if (least == null) {
      return OptionalLong.empty();
    }
    counter.unused.remove(least);
    return OptionalLong.of(least.first);
  }

  /** Takes back the number of a request. */
  synchronized void giveBack(Unnumbered asked, long first) {
    Counter counter = runs.get(asked.counter());
    if (counter == null || asked.slots() > 0 || counter.unused.size() >= MOST_UNUSED) {
      return;
    }
    if (counter.unused.isEmpty()) {
      counter.unused = new ArrayList<>(2);
    }
    counter.unused.add(new Range(first, asked.choices()));
  }

  /** The next number by the counts of this process; empty if its table is full. */
  synchronized OptionalLong next(Unnumbered asked) {
    Counter counter = run(asked);
    if (counter == null) {
      return OptionalLong.empty();
    }
    long first = counter.next;
    counter.next += asked.choices();
    return OptionalLong.of(first);
  }

  /**
   * The same where replicas count together, but this one has to count alone now. A number that they
   * agree on meanwhile is compared with it.
   */
  synchronized OptionalLong alone(Unnumbered asked) {
    OptionalLong first = next(asked);
    if (first.isPresent()) {
      Deque<Range> alone = runs.get(asked.counter()).alone;
      alone.add(new Range(first.getAsLong(), asked.choices()));
      if (alone.size() > MOST_ALONE) {
        alone.remove();
      }
    }
    return first;
  }

  /**
   * Takes a number that replicas agreed on; false if this process has given it out alone since it
   * asked.
   */
  synchronized boolean take(Unnumbered asked, long first) {
    Counter counter = runs.get(asked.counter());
    Range agreed = new Range(first, asked.choices());
    if (counter != null && counter.alone.stream().anyMatch(agreed::meets)) {
      return false;
    }
    seen(asked, first + asked.choices());
    return true;
  }

  /** The same without taking it; 0 if there is none. */
  synchronized long seen(Unnumbered asked) {
    Counter counter = runs.get(asked.counter());
    return counter == null ? 0 : counter.next;
  }

  private void seen(Unnumbered asked, long next) {
    Counter counter = run(asked);
    if (counter != null) {
      counter.next = Math.max(counter.next, next);
    }
  }

  /** The number of the slot whose turn it is. */
  synchronized long slot(Unnumbered asked) {
    Counter counter = slots.get(asked.counter());
    if (counter == null) {
      expire(slots);
      if (slots.size() >= most) {
        remove(slots.entrySet().iterator());
      }
      if (!makeRoom()) {
        return (long) ThreadLocalRandom.current().nextInt(asked.slots()) * asked.choices();
      }
      counter = new Counter(asked.scope());
      slots.put(asked.counter(), counter);
    }
    counter.usedAt = clock.getAsLong();
    return counter.next++ % asked.slots() * asked.choices();
  }

  private Counter run(Unnumbered asked) {
    Counter counter = runs.get(asked.counter());
    if (counter == null) {
      expire(runs);
      boolean full = runs.size() >= most;
      if (full || ofScope.getOrDefault(asked.scope(), 0) >= (most + 1) / 2 || !makeRoom()) {
        return null;
      }
      counter = new Counter(asked.scope());
      runs.put(asked.counter(), counter);
      ofScope.merge(asked.scope(), 1, Integer::sum);
    }
    counter.usedAt = clock.getAsLong();
    return counter;
  }

  private boolean makeRoom() {
    return memory.growTo((runs.size() + slots.size() + 1L) * WEIGHT);
  }

  private void expire(Map<Fingerprint, Counter> counters) {
    long oldest = clock.getAsLong() - idle;
    Iterator<Map.Entry<Fingerprint, Counter>> leastRecentlyUsed = counters.entrySet().iterator();
    while (leastRecentlyUsed.hasNext()) {
      Counter counter = leastRecentlyUsed.next().getValue();
      if (counter.usedAt > oldest) {
        break;
      }
      leastRecentlyUsed.remove();
      if (counters == runs) {
        ofScope.computeIfPresent(counter.scope, (scope, n) -> n == 1 ? null : n - 1);
      }
    }
    memory.shrinkTo((runs.size() + slots.size()) * (long) WEIGHT);
  }

  private static void remove(Iterator<?> first) {
    first.next();
    first.remove();
  }
}
