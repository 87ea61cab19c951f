package dev.refrain.upstream;

import dev.refrain.memory.MemoryBudget;

/**
 * Limits of the response bytes in memory.
 *
 * @param whole most bytes of an answer that comes as one document
 * @param event most bytes of one event of a stream
 * @param memory of the process
 */
public record AnswerLimits(int whole, int event, MemoryBudget memory) {

  /** The same with as much memory as there is. */
  AnswerLimits(int whole, int event) {
    this(whole, event, MemoryBudget.unlimited());
  }
}
