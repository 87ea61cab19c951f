package dev.refrain.binding;

import dev.refrain.config.KeyConfig;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Glob;
import dev.refrain.keys.Key.KeyDenial;
import dev.refrain.keys.Key.KeyUsage;
import dev.refrain.keys.KeySettings;
import dev.refrain.metrics.KeyMeters;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** Maps the configuration of keys to the settings of {@code keys}. Any thread. */
public record KeyBinding(List<KeyConfig> keys) {
  public List<KeySettings> settings() {
    return keys.stream().map(KeyBinding::settings).toList();
  }

  /** What was counted of a key, in the words of metrics. */
  public static KeyMeters.Readings readings(KeyUsage usage) {
    Map<String, LongSupplier> refusals = new TreeMap<>();
    for (KeyDenial reason : KeyDenial.values()) {
      refusals.put(reason.label(), () -> usage.refusals(reason));
    }
    return new KeyMeters.Readings(usage::requests, usage::tokens, refusals);
  }

  private static KeySettings settings(KeyConfig key) {
    return new KeySettings(
        key.name(),
        Fingerprint.of(HexFormat.of().parseHex(key.secret().sha256())),
        key.tenant(),
        key.models().stream().map(KeyBinding::glob).toList(),
        key.requestsPerMinute(),
        key.tokensPerMinute(),
        key.concurrency());
  }

  private static Predicate<String> glob(String pattern) {
    return new Glob(pattern)::matches;
  }
}
