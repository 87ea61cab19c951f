package dev.refrain.metrics;

import dev.refrain.inference.Failure.Kind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts requests that Refrain itself refuses with a 4xx, by the kind of error; those without
 * meaning also by the field at fault. Callers invent names of fields, so unknown ones are counted
 * together.
 */
final class RefusalMeters {
  private static final String NONE = "none";
  private static final String OTHER = "other";
  private static final List<String> FIELDS =
      List.of(
          "best_of",
          "echo",
          "frequency_penalty",
          "input",
          "logit_bias",
          "logprobs",
          "max_completion_tokens",
          "max_tokens",
          "messages",
          "model",
          "n",
          "presence_penalty",
          "prompt",
          "seed",
          "stop",
          "stream",
          "stream_options",
          "suffix",
          "temperature",
          "top_logprobs",
          "top_p",
          NONE,
          OTHER);

  private final Map<String, Counter> invalid = new HashMap<>();
  private final Map<Kind, Counter> others = new EnumMap<>(Kind.class);

  RefusalMeters(MeterRegistry registry) {
    FIELDS.forEach(field -> invalid.put(field, counter(registry, Kind.INVALID, field)));
    for (Kind kind : Kind.values()) {
      if (kind != Kind.INVALID && kind != Kind.CANCELLED && kind.status() / 100 == 4) {
        others.put(kind, counter(registry, kind, NONE));
      }
    }
  }

  void refused(Kind kind, String field) {
    Counter counter =
        kind == Kind.INVALID
            ? invalid.getOrDefault(outermost(field), invalid.get(OTHER))
            : others.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  /** The member of the request that a field such as {@code messages[0].content} is part of. */
  private static String outermost(String field) {
    if (field == null) {
      return NONE;
    }
    int end = 0;
    while (end < field.length() && field.charAt(end) != '.' && field.charAt(end) != '[') {
      end++;
    }
    return field.substring(0, end);
  }

  private static Counter counter(MeterRegistry registry, Kind kind, String field) {
    return Labels.counter(
        registry,
        "refrain.refusals",
        "Requests that Refrain itself refused",
        "reason",
        Labels.of(kind),
        "field",
        field);
  }
}
