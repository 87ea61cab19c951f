package dev.refrain.rules;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Glob;
import dev.refrain.rules.Rules.RequestFacts;
import java.math.BigDecimal;
import java.util.List;

/**
 * Conditions of a rule. All must hold; an empty list is no condition.
 *
 * @param endpoints globs of the endpoint's path or label; one must match
 * @param models globs of the model as requested; one must match
 * @param temperature whether it must be given; null is no condition
 * @param atMost the highest temperature, which must then be given; null is no condition
 * @param seed whether it must be given; null is no condition
 * @param headers each must match
 * @param tenants globs of the tenant of the caller's key; one must match
 */
public record Conditions(
    List<Glob> endpoints,
    List<Glob> models,
    Presence temperature,
    BigDecimal atMost,
    Presence seed,
    List<Header> headers,
    List<Glob> tenants) {
  /** Holds for every request. */
  public static final Conditions NONE =
      new Conditions(List.of(), List.of(), null, null, null, List.of(), List.of());

  /** Copies the lists. */
  public Conditions {
    endpoints = List.copyOf(endpoints);
    models = List.copyOf(models);
    headers = List.copyOf(headers);
    tenants = List.copyOf(tenants);
  }

  /**
   * A condition on a request header field: one of its values must match.
   *
   * @param name in any case
   */
  public record Header(String name, Glob value) {
    boolean holds(RequestFacts facts) {
      List<String> values = facts.values(name);
      for (int i = 0; i < values.size(); i++) {
        if (value.matches(values.get(i))) {
          return true;
        }
      }
      return false;
    }
  }

  /** Whether all of them hold. */
  boolean hold(RequestFacts facts) {
    return endpointHolds(facts.endpoint)
        && (models.isEmpty() || matches(models, facts.model))
        && (temperature == null || temperature.admits(facts.temperature != null))
        && isCoolEnough(facts.temperature)
        && (seed == null || seed.admits(facts.seed))
        && (tenants.isEmpty() || facts.tenant != null && matches(tenants, facts.tenant))
        && headersHold(facts);
  }

  /** Whether the one on the endpoint holds. */
  boolean endpointHolds(Endpoint endpoint) {
    return endpoints.isEmpty()
        || matches(endpoints, endpoint.path())
        || matches(endpoints, endpoint.label());
  }

  /** The same without the one on the endpoint. */
  Conditions atAnyEndpoint() {
    return new Conditions(List.of(), models, temperature, atMost, seed, headers, tenants);
  }

  private boolean isCoolEnough(BigDecimal given) {
    return atMost == null || given != null && given.compareTo(atMost) <= 0;
  }

  private boolean headersHold(RequestFacts facts) {
    for (int i = 0; i < headers.size(); i++) { // a request may meet many rules
      if (!headers.get(i).holds(facts)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(List<Glob> globs, String text) {
    for (int i = 0; i < globs.size(); i++) {
      if (globs.get(i).matches(text)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a field must be in the request. */
  public enum Presence {
    /** The field has a value. */
    PRESENT,
    /** The field is missing or null. */
    ABSENT;

    boolean admits(boolean present) {
      return present == (this == PRESENT);
    }
  }
}
