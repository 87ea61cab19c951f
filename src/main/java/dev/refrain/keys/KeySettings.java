package dev.refrain.keys;

import dev.refrain.inference.Fingerprint;
import java.util.List;
import java.util.function.Predicate;

/**
 * Settings of one key.
 *
 * @param name in metrics and logs
 * @param secret the SHA-256 of what its holder presents
 * @param tenant who shares answers
 * @param models of which it may ask for those that one of these is true of; none is all
 * @param requestsPerMinute a minute; 0 is no limit
 * @param tokensPerMinute a minute, of what upstreams are paid; 0 is no limit
 * @param concurrency requests at once; 0 is no limit
 */
public record KeySettings(
    String name,
    Fingerprint secret,
    String tenant,
    List<Predicate<String>> models,
    long requestsPerMinute,
    long tokensPerMinute,
    int concurrency) {
  /** Copies what it is given. */
  public KeySettings {
    models = List.copyOf(models);
  }
}
