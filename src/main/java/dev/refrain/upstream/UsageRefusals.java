package dev.refrain.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Models of a server that rejects {@code include_usage}. Remembered for an hour, for servers are
 * replaced by newer ones. Any thread.
 */
final class UsageRefusals {
  private static final Duration REMEMBERED = Duration.ofHours(1);
  private static final int MOST = 256;

  private final Cache<String, Boolean> models;

  /** None yet, by a clock like {@link System#nanoTime}. */
  UsageRefusals(LongSupplier nanoTime) {
    this.models =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterWrite(REMEMBERED)
            .ticker(nanoTime::getAsLong)
            .executor(Runnable::run)
            .build();
  }

  void add(String model) {
    models.put(model, true);
  }

  boolean isKnown(String model) {
    return models.getIfPresent(model) != null;
  }
}
