package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Meters for each endpoint: those of the given endpoints made now, any other when it is first met.
 * Endpoints are constants of the program, so there are few. Threads: any.
 */
final class PerEndpoint<M> {
  private final Map<String, M> meters = new ConcurrentHashMap<>();
  private final Function<String, M> make;

  /**
   * Meters of these endpoints.
   *
   * @param make makes the meters for a value of the label {@code endpoint}
   */
  PerEndpoint(List<Endpoint> endpoints, Function<String, M> make) {
    this.make = make;
    endpoints.forEach(this::of);
  }

  M of(Endpoint endpoint) {
    M known = meters.get(endpoint.label());
    return known == null ? meters.computeIfAbsent(endpoint.label(), make) : known;
  }

  Collection<M> all() {
    return meters.values();
  }
}
