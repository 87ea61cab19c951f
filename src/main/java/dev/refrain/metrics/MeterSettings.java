package dev.refrain.metrics;

import java.util.List;

/**
 * Settings of the model metrics.
 *
 * @param models how many of them have labels of their own; all others share one
 * @param known those that have theirs from the start, as far as they go
 * @param prices what their tokens cost
 */
public record MeterSettings(int models, List<String> known, Prices prices) {
  /** Models get label values as they come, without prices. */
  public static final MeterSettings DEFAULT = new MeterSettings(64, List.of(), Prices.NONE);
}
