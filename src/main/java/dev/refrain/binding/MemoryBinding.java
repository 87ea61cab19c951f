package dev.refrain.binding;

import dev.refrain.config.Config;
import dev.refrain.memory.MemoryBudget;
import io.netty.util.internal.PlatformDependent;

/**
 * Computes the memory budget from the configuration and the limits of this JVM.
 *
 * @param heap bytes that the heap may grow to
 * @param direct bytes that direct memory may grow to
 */
public record MemoryBinding(Config config, long heap, long direct) {
  /** The smallest default budget, however small the heap. */
  private static final long LEAST = 16 << 20;

  /** The same with the limits of this JVM. */
  public MemoryBinding(Config config) {
    this(config, Runtime.getRuntime().maxMemory(), PlatformDependent.estimateMaxDirectMemory());
  }

  public MemoryBudget budget() {
    return new MemoryBudget(heapBudget(), directBudget());
  }

  /** Applies this configuration to a budget. */
  public void bound(MemoryBudget budget) {
    budget.bound(heapBudget(), directBudget());
  }

  /** Bytes of heap: half of what the cache leaves, unless the configuration says otherwise. */
  public long heapBudget() {
    long configured = config.limits().memory().bytes();
    long left = heap - config.cache().memory().size().bytes();
    return configured > 0 ? configured : Math.max(LEAST, left / 2);
  }

  /** Bytes of direct memory: a third of it, unless the configuration says otherwise. */
  public long directBudget() {
    long configured = config.limits().unsent().bytes();
    return configured > 0 ? configured : direct / 3;
  }
}
