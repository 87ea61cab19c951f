package dev.refrain.config;

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
    Deterministic deterministic, int concurrency, int maxElements, Duration timeout) {
  // As many as the published limits allow: 2048 prompts, 128 choices each.
  private static final int MOST_ELEMENTS = 2048 * 128;

  /** Checks the ranges. */
  public FanoutConfig {
    Check.that(deterministic != null, "deterministic", ExpectedType.of(Deterministic.class));
    Check.range("concurrency", concurrency, 1, 4096);
    Check.range("maxElements", maxElements, 1, MOST_ELEMENTS);
    Check.duration("timeout", timeout, Duration.ofHours(24));
  }

  /** Meaning of several choices of one prompt at temperature 0. */
  public enum Deterministic {
    /** One answer, asked for once and given several times. */
    REPLICATE,
    /** As many answers, each asked for and kept alone. */
    EACH,
    /** One call that asks for all of them. */
    NATIVE
  }

  /** How a request for several choices is sent to an upstream. */
  public enum Mode {
    /** Call by call. */
    SPLIT,
    /** Those that have to be asked for in one call. */
    BATCH,
    /** As it came, in one call. */
    NATIVE,
    /** Call by call, but as it came where choices are drawn together. */
    AUTO
  }
}
