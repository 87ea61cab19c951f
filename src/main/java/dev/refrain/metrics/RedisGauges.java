package dev.refrain.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * State of the connections to Redis, read at each scrape, as shares of the event loops. Without a
 * connection there is no gauge.
 *
 * <p>Threads: as for {@link Gauges}.
 */
public final class RedisGauges {
  /** The states of a circuit breaker. */
  private static final List<String> STATES = List.of("closed", "open", "half-open");

  private final MeterRegistry registry;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  private record Link(BooleanSupplier up, Supplier<String> breaker) {}

  /**
   * How the connections are.
   *
   * @param up whether that of every event loop takes commands
   * @param breaker closed, or what one of the circuit breakers is instead
   */
  public record State(boolean up, String breaker) {}

  /** Registers nothing until a connection is bound. */
  public RedisGauges(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * {@code refrain_redis_up} and {@code refrain_redis_breaker_state}, of one event loop; {@code
   * refrain_redis_clock_offset_seconds} of the process.
   *
   * @param up whether commands are taken
   * @param breaker closed, open or half-open
   * @param offset seconds by which the clock of Redis is ahead; the same for all event loops
   */
  public synchronized void bind(
      BooleanSupplier up, Supplier<String> breaker, DoubleSupplier offset) {
    links.add(new Link(up, breaker));
    if (links.size() > 1) {
      return;
    }
    Gauge.builder("refrain.redis.up", () -> share(link -> link.up.getAsBoolean()))
        .description("Share of event loops whose connection to Redis is usable")
        .register(registry);
    Gauge.builder("refrain.redis.clock.offset", offset::getAsDouble)
        .description("How far the clock of Redis is ahead of that of this machine")
        .baseUnit("seconds")
        .register(registry);
    STATES.forEach(this::state);
  }

  /** How the connections are, worst first: empty where there is none. Any thread. */
  public Optional<State> state() {
    return links.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new State(
                links.stream().allMatch(link -> link.up.getAsBoolean()),
                links.stream()
                    .map(link -> link.breaker.get())
                    .filter(breaker -> !breaker.equals("closed"))
                    .findFirst()
                    .orElse("closed")));
  }

  private void state(String each) {
    Gauge.builder(
            "refrain.redis.breaker.state", () -> share(link -> each.equals(link.breaker.get())))
        .description("Share of event loops whose circuit breaker before Redis is in this state")
        .tag("state", each)
        .register(registry);
  }

  private double share(Predicate<Link> such) {
    return (double) links.stream().filter(such).count() / links.size();
  }
}
