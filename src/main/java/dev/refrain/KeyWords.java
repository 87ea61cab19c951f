package dev.refrain;

import dev.refrain.completion.Fingerprint;
import dev.refrain.config.KeyConfig;
import dev.refrain.keys.KeySettings;
import dev.refrain.keys.Refusal;
import dev.refrain.keys.Tally;
import dev.refrain.metrics.KeyMeters;
import dev.refrain.upstream.Glob;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** What the configuration says of keys, in the words of their room. Any thread. */
record KeyWords(List<KeyConfig> keys) {
  List<KeySettings> settings() {
    return keys.stream().map(KeyWords::settings).toList();
  }

  /** What was counted of a key, in the words of metrics. */
  static KeyMeters.Readings readings(Tally tally) {
    Map<String, LongSupplier> refusals = new TreeMap<>();
    for (Refusal why : Refusal.values()) {
      refusals.put(why.label(), () -> tally.refusals(why));
    }
    return new KeyMeters.Readings(tally::requests, tally::tokens, refusals);
  }

  private static KeySettings settings(KeyConfig key) {
    return new KeySettings(
        key.name(),
        Fingerprint.of(HexFormat.of().parseHex(key.secret().sha256())),
        key.tenant(),
        key.models().stream().map(KeyWords::glob).toList(),
        key.requests(),
        key.tokens());
  }

  private static Predicate<String> glob(String pattern) {
    return new Glob(pattern)::matches;
  }
}
