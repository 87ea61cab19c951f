package dev.refrain.metrics;

import dev.refrain.inference.Observer.CommandOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /** Counts commands to Redis by what they came to. */
  static final class RedisCommands {
    private static final List<String> USED =
        List.of("getrange", "set", "eval", "xread", "hgetall", "hset", "hdel", "pexpire", "time");

    private final Map<String, Map<CommandOutcome, Counter>> commands = new HashMap<>();
    private final Map<CommandOutcome, Counter> others;

    RedisCommands(MeterRegistry registry) {
      USED.forEach(command -> commands.put(command, commandOutcomes(registry, command)));
      others = commandOutcomes(registry, "other");
    }

    void replied(String command, CommandOutcome commandOutcome) {
      commands.getOrDefault(command, others).get(commandOutcome).increment();
    }

    private static Map<CommandOutcome, Counter> commandOutcomes(
        MeterRegistry registry, String command) {
      return Labels.each(
          CommandOutcome.class,
          commandOutcome ->
              Labels.counter(
                  registry,
                  "refrain.redis.commands",
                  "Commands to Redis by what they came to",
                  "command",
                  command,
                  "outcome",
                  Labels.of(commandOutcome)));
    }
  }
}
