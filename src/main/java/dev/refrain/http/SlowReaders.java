package dev.refrain.http;

import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.CutOff;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Pool;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The callers of one event loop that do not take what is sent to them. A caller that takes nothing
 * for a time is cut off, and so is the slowest one when the memory budget is full.
 *
 * <p>One coarse timer looks at all of them; it runs only while there are connections.
 */
public final class SlowReaders {
  private static final Logger LOG = LoggerFactory.getLogger(SlowReaders.class);
  private static final long TICK_MILLIS = 250;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** Heap is short for a moment now and then; callers that read are not cut off for it. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** A connection or a response whose bytes may wait. */
  interface Reader {
    /** The use that their memory is counted for. */
    Use use();

    /** Whether bytes wait, looked at now; makes sure that their memory is reserved. */
    boolean isWaiting(long now);

    /** Since when nothing was taken, by {@link System#nanoTime}. */
    long since();

    /** Ends the connection or stream, and gives its memory back within this call. */
    void cut();
  }

  private final Vertx vertx;
  private final MemoryBudget memory;
  private final long timeoutNanos;
  private final Observer observer;
  private final Set<Reader> readers = new LinkedHashSet<>();
  private long timer = -1;
  private long logged = System.nanoTime() - QUIET_NANOS;
  private long omitted;

  /**
   * For the event loop that this is made on.
   *
   * @param timeout longest time in which a caller may take nothing
   */
  public SlowReaders(Vertx vertx, MemoryBudget memory, Duration timeout, Observer observer) {
    this.vertx = vertx;
    this.memory = memory;
    this.timeoutNanos = timeout.toNanos();
    this.observer = observer;
  }

  /** An empty reservation. */
  Reservation reserve(Use use) {
    return memory.reserve(use);
  }

  void add(Reader reader) {
    readers.add(reader);
    if (timer < 0) {
      timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
    }
  }

  void remove(Reader reader) {
    readers.remove(reader);
  }

  /**
   * Reserves memory for bytes that wait. Where the budget is full the slowest readers are cut off,
   * which may be the one that asks.
   */
  void grow(Use use, Reservation reservation, long bytes) {
    while (!reservation.isReleased() && !reservation.growTo(bytes)) {
      Reader slowest = slowest(use);
      if (slowest == null) {
        return; // the memory is released, or others have it all; the next look tries again
      }
      cut(slowest, CutOff.MEMORY);
    }
  }

  private Reader slowest(Use use) {
    long patience = use.pool() == Pool.HEAP ? PATIENCE_NANOS : 0;
    long latest = System.nanoTime() - patience;
    Reader slowest = null;
    for (Reader reader : readers) {
      if (reader.use() != use || reader.since() - latest > 0) {
        continue;
      }
      if (slowest == null || reader.since() - slowest.since() < 0) {
        slowest = reader;
      }
    }
    return slowest;
  }

  private void tick() {
    if (readers.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    long now = System.nanoTime();
    List<Reader> late = new ArrayList<>();
    for (Reader reader : List.copyOf(readers)) {
      if (reader.isWaiting(now) && now - reader.since() >= timeoutNanos) {
        late.add(reader);
      }
    }
    for (Reader reader : late) {
      if (readers.contains(reader)) { // to cut one of them may end another
        cut(reader, CutOff.TIMEOUT);
      }
    }
  }

  private void cut(Reader reader, CutOff reason) {
    readers.remove(reader);
    observer.cutOff(reason);
    reader.cut();
    long now = System.nanoTime();
    if (now - logged < QUIET_NANOS) {
      omitted++;
      return;
    }
    LOG.warn(
        "cut off a caller that did not read its answer ({}); {}{}",
        reason == CutOff.TIMEOUT ? "nothing taken in time" : "memory is short",
        reason == CutOff.TIMEOUT ? "see server.sendTimeout" : "see limits.memory, limits.unsent",
        omitted == 0 ? "" : " (and " + omitted + " more since the last such line)");
    logged = now;
    omitted = 0;
  }
}
