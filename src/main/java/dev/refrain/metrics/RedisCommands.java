package dev.refrain.metrics;

import dev.refrain.inference.Observer.CommandOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts commands to Redis by what they came to. */
final class RedisCommands {
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
