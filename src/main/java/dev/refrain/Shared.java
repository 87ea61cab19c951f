package dev.refrain;

import dev.refrain.cache.Epochs;
import dev.refrain.cache.MemoryStore;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.CompletionService;
import dev.refrain.completion.Escort;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Sharing;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.ServerConfig;
import dev.refrain.config.TracingConfig;
import dev.refrain.flight.FlightTable;
import dev.refrain.http.AccessLog;
import dev.refrain.http.DebugPass;
import dev.refrain.http.DoorSettings;
import dev.refrain.http.FailureLog;
import dev.refrain.http.Occupancy;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.metrics.MeteredObserver;
import dev.refrain.metrics.RedisGauges;
import dev.refrain.recording.Recordings;
import dev.refrain.redis.RedisLog;
import dev.refrain.tracing.Tracing;
import dev.refrain.tracing.TracingSettings;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.Set;

/**
 * What the event loops of one process have in common for as long as it lives, whatever becomes of
 * the configuration. Safe on any thread.
 */
record Shared(
    MemoryBudget budget,
    MemoryStore memory,
    Epochs epochs,
    Purges purges,
    Accounts accounts,
    FlightTable flights,
    Occupancy occupancy,
    EventLoopLag lag,
    RedisLog redisLog,
    FailureLog failureLog,
    RedisGauges redisGauges,
    Recordings recordings,
    MeteredObserver observer,
    Optional<Tracing> tracing) {

  static Shared of(Edition edition, PrometheusMeterRegistry registry) {
    CacheConfig cache = edition.config().cache();
    FlightTable flights = new FlightTable(edition.flights());
    Epochs epochs = new Epochs(edition.purged(), System::currentTimeMillis, flights::close);
    MemoryStore memory =
        new MemoryStore(
            cache.memory().size().bytes(),
            edition.maxEntry(),
            cache.ttl(),
            cache.grace(),
            System::currentTimeMillis,
            epochs);
    MeteredObserver observer =
        new MeteredObserver(registry, new MeterWords(edition.config()).settings());
    return new Shared(
        new MemoryWords(edition.config()).budget(),
        memory,
        epochs,
        new Purges(epochs, cache.redis().enabled(), observer),
        new Accounts(edition.keyring()),
        flights,
        new Occupancy(edition.config().server().connections()),
        new EventLoopLag(registry),
        new RedisLog(),
        new FailureLog(),
        new RedisGauges(registry),
        new Recordings(),
        observer,
        tracing(edition));
  }

  private static Optional<Tracing> tracing(Edition edition) {
    TracingConfig config = edition.config().tracing();
    // Not in a lambda, which would know the class before it is needed.
    return config.collector().isEmpty()
        ? Optional.empty()
        : Optional.of(
            Tracing.to(
                new TracingSettings(config.collector().get(), config.ratio(), Version.number())));
  }

  /** Sends the traces that are still to be sent. */
  Future<Void> flush() {
    return tracing.isPresent() ? tracing.get().close() : Future.succeededFuture();
  }

  Escort escort() {
    return tracing.isPresent() ? tracing.get().calls() : Escort.NOBODY;
  }

  /** Records requests on their way to a stage, where that is wanted. */
  CompletionService traced(CompletionService first) {
    return tracing.isPresent() ? tracing.get().requests(first) : first;
  }

  /** Goes by the bounds of another edition. */
  void adopt(Edition edition) {
    CacheConfig cache = edition.config().cache();
    new MemoryWords(edition.config()).bound(budget);
    epochs.retain(edition.purged());
    accounts.adopt(edition.keyring());
    memory.bound(cache.memory().size().bytes(), edition.maxEntry(), cache.ttl(), cache.grace());
    flights.bound(edition.flights());
    observer.adopt(new MeterWords(edition.config()).settings());
  }

  // Pools do not cross event loops, so each gets its part, and none gets nothing.
  static int share(int all, int loops) {
    return Math.max(1, all / loops);
  }

  static DoorSettings doorSettings(ServerConfig door) {
    return new DoorSettings(
        door.requestLine().toInt(),
        door.headerCount(),
        door.headerTimeout(),
        door.keepAliveTimeout(),
        Set.copyOf(door.headers().deny()),
        Set.copyOf(door.headers().hide()));
  }

  static AccessLog accessLog(Config.Logging logging) {
    DebugPass pass = new DebugPass(logging.debugKey().value(), System::currentTimeMillis);
    return new AccessLog(logging.access(), pass);
  }

  /** Whether nobody should wait for another's answer; nor while it may be one that was purged. */
  boolean isNotToBeAwaited(Fingerprint fingerprint) {
    return flights.isUnshareable(fingerprint) || !epochs.isComplete();
  }

  /** The latest purge of what is asked for: calls from before it and after are different ones. */
  long generation(CompletionRequest request) {
    return request.sharing() instanceof Sharing.Shareable shareable
        ? epochs.of(shareable.fingerprint(), request.model(), shareable.scope())
        : 0;
  }
}
