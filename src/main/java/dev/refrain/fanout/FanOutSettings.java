package dev.refrain.fanout;

import dev.refrain.memory.MemoryBudget;
import java.time.Duration;

/**
 * Bounds of one divided request.
 *
 * @param concurrency how many of its parts are requested at once
 * @param timeout how long it may take as a whole
 * @param maxAnswer most bytes that the answers of its parts may have together while they wait to be
 *     merged into one document
 * @param patience how long to wait for the other parts when one got a {@code Retry-After}
 * @param batchWait how long the parts of a batch wait for the slowest lookup among them
 * @param memory of the process
 */
public record FanOutSettings(
    int concurrency,
    Duration timeout,
    long maxAnswer,
    Duration patience,
    Duration batchWait,
    MemoryBudget memory) {

  /** The same with as much memory as there is. */
  FanOutSettings(
      int concurrency, Duration timeout, long maxAnswer, Duration patience, Duration batchWait) {
    this(concurrency, timeout, maxAnswer, patience, batchWait, MemoryBudget.unlimited());
  }
}
