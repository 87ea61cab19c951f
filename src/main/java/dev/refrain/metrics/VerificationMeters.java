package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Observer.ChangedField;
import dev.refrain.inference.Observer.Verification;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts comparisons of stored answers with new ones, by endpoint, model and outcome. Models have
 * labels as in {@link TokenMeters}; the others share one.
 *
 * <p>Threads: any.
 */
final class VerificationMeters {
  private static final int LONGEST_NAME = 128;

  private final MeterRegistry registry;
  private final Map<String, Map<String, Map<Verification, Counter>>> models =
      new ConcurrentHashMap<>();
  private final Map<ChangedField, Counter> changes;
  private volatile int most;

  VerificationMeters(MeterRegistry registry, MeterSettings settings, List<Endpoint> endpoints) {
    this.registry = registry;
    changes =
        Labels.counters(
            registry,
            ChangedField.class,
            "refrain.answer.changes",
            "Verified answers in which the upstream names itself otherwise than in the stored one",
            "field");
    adopt(settings);
    endpoints.forEach(endpoint -> counters(TokenMeters.OTHER, endpoint.label()));
  }

  void adopt(MeterSettings settings) {
    most = settings.models();
  }

  void verified(String model, String endpoint, Verification outcome) {
    boolean named = models.containsKey(model) || models.size() <= most;
    boolean isLabel =
        !model.isEmpty()
            && model.length() <= LONGEST_NAME
            && model
                .chars()
                .allMatch(c -> c > ' ' && c != 0x7F && !Character.isSurrogate((char) c));
    counters(named && isLabel ? model : TokenMeters.OTHER, endpoint).get(outcome).increment();
  }

  void changed(ChangedField field) {
    changes.get(field).increment();
  }

  private Map<Verification, Counter> counters(String model, String endpoint) {
    return models
        .computeIfAbsent(model, name -> new ConcurrentHashMap<>())
        .computeIfAbsent(
            endpoint,
            name ->
                Labels.each(
                    Verification.class,
                    outcome ->
                        Labels.counter(
                            registry,
                            "refrain.verifications",
                            "Stored answers compared with new ones, by outcome",
                            "endpoint",
                            endpoint,
                            "model",
                            model,
                            "outcome",
                            Labels.of(outcome))));
  }
}
