package dev.refrain.metrics;

import dev.refrain.completion.Source;
import dev.refrain.completion.Tokens;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;

/** Counts tokens given to callers, by who gave them; the two types have different prices. */
final class TokenMeters {
  private final Map<Source, Counter> prompt;
  private final Map<Source, Counter> completion;

  TokenMeters(MeterRegistry registry) {
    prompt = Labels.each(Source.class, source -> tokens(registry, source, "prompt"));
    completion = Labels.each(Source.class, source -> tokens(registry, source, "completion"));
  }

  void answered(Source source, Tokens tokens) {
    prompt.get(source).increment(tokens.prompt());
    completion.get(source).increment(tokens.completion());
  }

  private static Counter tokens(MeterRegistry registry, Source source, String type) {
    return Labels.counter(
        registry,
        "refrain.tokens",
        "Tokens of answers given; upstream is paid for, the rest is saved",
        "source",
        source.label(),
        "type",
        type);
  }
}
