package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Glob;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.MeterSettings.Price;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;

/**
 * Counts tokens given to callers, and what they cost, by who gave them and by model. Callers choose
 * the names of models, so only so many of them become labels, and only of models that answered; the
 * others share one.
 *
 * <p>Threads: any.
 */
final class TokenMeters {
  /** The label value of all models without one of their own. */
  static final String OTHER = "other";

  private static final int LONGEST_NAME = 128;

  private final MeterRegistry registry;
  private final List<Endpoint> endpoints;
  private final ConcurrentMap<String, ModelMeters> models = new ConcurrentHashMap<>();
  private final ModelMeters other;
  private volatile int most;
  private volatile Prices prices;

  TokenMeters(
      MeterRegistry registry,
      MeterSettings settings,
      List<String> served,
      List<Endpoint> endpoints) {
    this.registry = registry;
    this.endpoints = endpoints;
    this.other = new ModelMeters(registry, OTHER, endpoints);
    adopt(settings, served);
  }

  /** Goes by other settings from now on. A model that has a label keeps it. */
  synchronized void adopt(MeterSettings settings, List<String> served) {
    most = settings.models();
    prices = new Prices(settings);
    Stream<String> priced = settings.prices().stream().map(Price::model);
    Stream.concat(served.stream(), priced)
        .filter(model -> new Glob(model).isExact() && isLabel(model))
        .distinct()
        .forEach(model -> enter(model, endpoints));
    models.forEach((model, meters) -> meters.price(prices.of(model), prices.currency()));
    other.price(prices.any(), prices.currency());
  }

  /** Counts an answer, if its tokens are known; what it cost, or 0 without a price. */
  double answered(Endpoint endpoint, Source source, String model, Tokens tokens) {
    if (!tokens.known()) {
      return 0;
    }
    ModelMeters known = models.get(model);
    if (known == null && isLabel(model) && models.size() < most) {
      known = enter(model, List.of(endpoint));
    }
    return known != null
        ? known.answered(endpoint, source, tokens)
        : unnamed(endpoint, source, model, tokens);
  }

  // Those that share a label need not share a price.
  private double unnamed(Endpoint endpoint, Source source, String model, Tokens tokens) {
    other.count(endpoint, source, tokens);
    double cost = model.length() <= LONGEST_NAME ? prices.cost(model, tokens) : 0;
    other.pay(endpoint, source, cost);
    return cost;
  }

  /** What tokens of a model cost; 0 without a price. */
  double cost(String model, Tokens tokens) {
    return prices.cost(model, tokens);
  }

  /** The meters of a model, new if there is room for it; null if not. */
  private synchronized ModelMeters enter(String model, List<Endpoint> met) {
    if (!models.containsKey(model) && models.size() < most) {
      ModelMeters meters = new ModelMeters(registry, model, met);
      meters.price(prices.of(model), prices.currency());
      models.put(model, meters);
    }
    return models.get(model);
  }

  private static boolean isLabel(String model) {
    return !model.isEmpty()
        && model.length() <= LONGEST_NAME
        && !model.equals(OTHER)
        && model.chars().noneMatch(TokenMeters::isStrange);
  }

  private static boolean isStrange(int c) {
    return c <= ' ' || Character.isISOControl(c) || Character.isSurrogate((char) c);
  }
}
