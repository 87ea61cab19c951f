package dev.refrain.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/**
 * {@code refrain_redis_operations_total{operation,outcome}}: the shared tier as operations of a
 * server. Derived from the tier's own counters when scraped, so it costs nothing and cannot
 * disagree with them; for the same reason an error may be an operation that a breaker held back or
 * that outlived its budget.
 */
final class RedisOperations {
  private RedisOperations() {}

  static void register(MeterRegistry registry, TierMeters redis) {
    operation(registry, redis, "get", "ok", TierMeters::answered);
    operation(registry, redis, "get", "error", TierMeters::unanswered);
    operation(registry, redis, "set", "ok", TierMeters::stores);
    operation(registry, redis, "set", "dropped", TierMeters::dropped);
  }

  private static void operation(
      MeterRegistry registry,
      TierMeters redis,
      String operation,
      String outcome,
      ToDoubleFunction<TierMeters> count) {
    FunctionCounter.builder("refrain.redis.operations", redis, count)
        .description("Operations on the shared cache")
        .tags("operation", operation, "outcome", outcome)
        .register(registry);
  }
}
