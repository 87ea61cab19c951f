package dev.refrain.upstream;

import dev.refrain.inference.Glob;
import dev.refrain.upstream.UsageFallback.UsageRefusals;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * A server and what all event loops know of it: how busy it is, and how well. Any thread.
 *
 * <p>Its names for models are exact; its patterns are {@link Target#models}.
 */
public final class Upstream {
  private final Target target;
  private final UpstreamSettings upstreamSettings;
  private final List<Glob> models;
  private final String address;
  private final ConcurrencyLimit limit;
  private final Health health;
  private final RetryBudget budget;
  private final UsageRefusals usageRefusals;
  private final LongAdder tries = new LongAdder();

  /** A server without calls so far. */
  public Upstream(Target target, UpstreamSettings upstreamSettings, RetrySettings retry) {
    this(target, upstreamSettings, retry, System::nanoTime);
  }

  Upstream(
      Target target,
      UpstreamSettings upstreamSettings,
      RetrySettings retry,
      LongSupplier nanoTime) {
    this.target = target;
    this.upstreamSettings = upstreamSettings;
    this.models = target.models().stream().map(Glob::new).toList();
    this.address = target.url().toString();
    this.limit =
        new ConcurrencyLimit(
            new AdaptiveLimit(upstreamSettings.least(), target.connections()), target.waiting());
    this.health =
        new Health(target.name(), upstreamSettings.failures(), upstreamSettings.pause(), nanoTime);
    this.budget = new RetryBudget(retry.budget().share(), retry.budget().reserve());
    this.usageRefusals = new UsageRefusals(nanoTime);
  }

  /** For metrics and logs. */
  public String name() {
    return target.name();
  }

  /** How it is called. */
  public Target target() {
    return target;
  }

  /** Whether it serves a model requested by this name. */
  boolean serves(String model) {
    return upstreamSettings.aliases().containsKey(model)
        || models.isEmpty()
        || models.stream().anyMatch(glob -> glob.matches(model));
  }

  /** Its own name for a model requested by this name. */
  String named(String model) {
    return upstreamSettings.aliases().getOrDefault(model, model);
  }

  UpstreamSettings upstreamSettings() {
    return upstreamSettings;
  }

  String address() {
    return address;
  }

  ConcurrencyLimit limit() {
    return limit;
  }

  Health health() {
    return health;
  }

  UsageRefusals usageRefusals() {
    return usageRefusals;
  }

  /** The retry budget of the servers of which this is the first. */
  RetryBudget budget() {
    return budget;
  }

  /** How much it has to do for its weight, recent failures counted like calls under way. */
  double load() {
    int calls = limit.active() + limit.waiting() + health.burden();
    return (double) calls / upstreamSettings.weight();
  }

  void tried() {
    tries.increment();
  }

  /** Calls begun. */
  public long tries() {
    return tries.sum();
  }

  /** Calls under way. */
  public int active() {
    return limit.active();
  }

  /** Most calls at once, as of now. */
  public int most() {
    return limit.most();
  }

  /** Calls that wait for their turn. */
  public int waiting() {
    return limit.waiting();
  }

  /** The state of its breaker: closed, open or half-open. */
  public String state() {
    return health.state().label();
  }

  /** Whether it gave no answer at all when it failed last, not even an error. */
  public boolean isMute() {
    return health.isMute();
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "Upstream[" + name() + "]";
  }

  /**
   * Settings of a server among those of the same model.
   *
   * @param aliases other names of models, each with the name the server has for it
   * @param weight its share of the calls among servers of its priority
   * @param priority the lowest number is called first
   * @param least lower bound of the adaptive limit
   * @param failures in a row that open its breaker
   * @param pause how long that stays open at first
   * @param probe path of its health probe below its address; empty for none
   * @param interval between two probes
   */
  public record UpstreamSettings(
      Map<String, String> aliases,
      int weight,
      int priority,
      int least,
      int failures,
      Duration pause,
      String probe,
      Duration interval) {}
}
