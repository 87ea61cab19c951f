package dev.refrain.rules;

import dev.refrain.inference.Endpoint;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;

/**
 * What rules look at.
 *
 * @param model as asked for
 * @param temperature as given, or null
 * @param seed whether one is given
 * @param headers of the request, read only
 * @param tenant of the caller's key, or null
 */
public record RequestFacts(
    Endpoint endpoint,
    String model,
    BigDecimal temperature,
    boolean seed,
    MultiMap headers,
    String tenant) {}
