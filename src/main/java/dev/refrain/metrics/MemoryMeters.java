package dev.refrain.metrics;

import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.MemoryBudget.Pool;
import dev.refrain.memory.MemoryBudget.Use;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.internal.PlatformDependent;

/**
 * The memory budget: {@code refrain_memory_budget_bytes}, {@code refrain_memory_used_bytes} and
 * {@code refrain_memory_rejected_total}. Asked when scraped, by the thread that scrapes.
 */
public final class MemoryMeters {
  /** Registers the series of a budget. */
  public MemoryMeters(MeterRegistry registry, MemoryBudget budget) {
    for (Pool pool : Pool.values()) {
      Gauge.builder("refrain.memory.budget", () -> budget.bound(pool))
          .description("What all requests may hold together")
          .baseUnit("bytes")
          .tag("pool", pool.label())
          .register(registry);
    }
    Gauge.builder("refrain.memory.direct", MemoryMeters::direct)
        .description("What network buffers take of direct memory, pools included")
        .baseUnit("bytes")
        .register(registry);
    for (Use use : Use.values()) {
      register(registry, budget, use);
    }
  }

  // Below zero where Netty does not count, because it is not let to: jvm_buffer_memory_used then
  // does.
  private static long direct() {
    return Math.max(0, PlatformDependent.usedDirectMemory());
  }

  private static void register(MeterRegistry registry, MemoryBudget budget, Use use) {
    Gauge.builder("refrain.memory.used", () -> budget.used(use))
        .description("What requests hold of it, by the use")
        .baseUnit("bytes")
        .tag("pool", use.pool().label())
        .tag("use", use.label())
        .register(registry);
    FunctionCounter.builder("refrain.memory.rejected", budget, all -> all.rejected(use))
        .description("How often the budget had no room, by the use")
        .tag("use", use.label())
        .register(registry);
  }
}
