package dev.refrain.metrics;

import dev.refrain.completion.Observer.Reply;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Counts commands to Redis by what they came to. */
final class RedisCommands {
  private static final List<String> USED =
      List.of("getrange", "set", "eval", "xread", "hgetall", "hset", "hdel", "pexpire");

  private final Map<String, Map<Reply, Counter>> commands = new HashMap<>();
  private final Map<Reply, Counter> others;

  RedisCommands(MeterRegistry registry) {
    USED.forEach(command -> commands.put(command, replies(registry, command)));
    others = replies(registry, "other");
  }

  void replied(String command, Reply reply) {
    commands.getOrDefault(command, others).get(reply).increment();
  }

  private static Map<Reply, Counter> replies(MeterRegistry registry, String command) {
    return Labels.each(
        Reply.class,
        reply ->
            Labels.counter(
                registry,
                "refrain.redis.commands",
                "Commands to Redis by what they came to",
                "command",
                command,
                "outcome",
                Labels.of(reply)));
  }
}
