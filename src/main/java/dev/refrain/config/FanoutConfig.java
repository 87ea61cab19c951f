package dev.refrain.config;

import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import java.time.Duration;

/**
 * Section {@code fanout}: how requests for several choices or prompts become calls.
 *
 * @param deterministic what several choices of one prompt mean at temperature zero
 * @param concurrency calls of one request at once
 * @param maxElements choices that a request may ask for, all prompts together
 * @param timeout longest time for all calls of a request
 */
public record FanoutConfig(
    Repetition deterministic, int concurrency, int maxElements, Duration timeout) {
  // As many as the published limits allow: 2048 prompts, 128 choices each.
  private static final int MOST_ELEMENTS = 2048 * 128;

  /** Checks the ranges. */
  public FanoutConfig {
    Check.that(deterministic != null, "deterministic", ExpectedType.of(Repetition.class));
    Check.range("concurrency", concurrency, 1, 4096);
    Check.range("maxElements", maxElements, 1, MOST_ELEMENTS);
    Check.duration("timeout", timeout, Duration.ofHours(24));
  }
}
