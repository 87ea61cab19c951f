package dev.refrain.cache.redis;

import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.cache.FakeNext;
import dev.refrain.cache.FleetClock;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Fork;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.redis.client.RedisOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A shared cache and its keeper on an event loop of their own, over a {@link FakeNext}, for a
 * test's thread.
 */
final class SharedCacheFixture implements AutoCloseable {
  final FakeNext next;
  final ObservedEvents observedEvents = new ObservedEvents();
  final FleetClock clock;
  final PurgeMarks purgeMarks;
  final RedisLink link;
  final InferenceService cache;
  private final SharedCacheWriter keeper;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();

  SharedCacheFixture(Settings settings) {
    this(settings, 0);
  }

  /** On a machine whose clock is ahead by so many milliseconds. */
  SharedCacheFixture(Settings settings, long ahead) {
    this(settings, RedisLink.options(settings.link), ahead);
  }

  SharedCacheFixture(Settings settings, RedisOptions options) {
    this(settings, options, 0);
  }

  private SharedCacheFixture(Settings settings, RedisOptions options, long ahead) {
    clock = new FleetClock(() -> System.currentTimeMillis() + ahead);
    purgeMarks = new PurgeMarks(Duration.ofHours(1), clock);
    next = new FakeNext(clock);
    link =
        onLoop(
            () ->
                Future.succeededFuture(
                    RedisLink.open(vertx, settings.link, options, new RedisLog(), observedEvents)));
    PendingWrites pending = new PendingWrites(settings.pendingWrites);
    keeper = new SharedCacheWriter(link, settings.cache, pending, purgeMarks, observedEvents, next);
    cache =
        new Fork(new SharedCache(link, settings.cache, purgeMarks, observedEvents, keeper), next);
  }

  /** What the link and the cache are set to. */
  record Settings(RedisSettings link, SharedCacheSettings cache, int pendingWrites) {}

  /** Settings with a patient budget, for tests in which Redis is well. */
  static Settings settings(String url) {
    return settings(url, Duration.ofSeconds(5), 5, 100);
  }

  static Settings settings(String url, Duration timeout, int failures, int pendingWrites) {
    return new Settings(
        new RedisSettings(
            new Servers.Single(url),
            Duration.ofMillis(500),
            4096,
            failures,
            Duration.ofMillis(300)),
        new SharedCacheSettings(timeout, 0.2, "test", Duration.ofSeconds(100), 10_000),
        pendingWrites);
  }

  static String key(Fingerprint fingerprint) {
    return "test:2:{" + fingerprint + "}";
  }

  /** A board over the stage's link; to be made on its loop. */
  PurgeBoard board(PurgeMarks known) {
    return new PurgeBoard(vertx, link, "test", known, clock);
  }

  SharedCacheFixture awaitUp() {
    await().atMost(Duration.ofSeconds(20)).until(link::isUp);
    return this;
  }

  /** Asks on the event loop and waits for the answer. */
  Whole ask(InferenceRequest request) {
    return (Whole) onLoop(() -> cache.respond(request));
  }

  Source askSource(Fingerprint fingerprint) {
    return ask(Entries.request(fingerprint)).provenance().source();
  }

  /** Asks until the answer is in Redis. */
  void store(Fingerprint fingerprint) {
    await().atMost(Duration.ofSeconds(20)).until(() -> askSource(fingerprint) == Source.REDIS);
  }

  /** Begins to ask, all in one turn of the loop. */
  List<Future<InferenceResponse>> begin(List<InferenceRequest> requests) {
    return onLoop(() -> Future.succeededFuture(requests.stream().map(cache::respond).toList()));
  }

  <T> T onLoop(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(
        start -> Future.succeededFuture().compose(begun -> work.get()).onComplete(done));
    return join(done.future());
  }

  static <T> T join(Future<T> future) {
    try {
      return future.await(30, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("still not done", e);
    }
  }

  static Duration timed(Callable<?> work) throws Exception {
    long began = System.nanoTime();
    work.call();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Closes keeper and link as the root does. */
  Future<Void> shut() {
    return keeper.close().eventually(link::close);
  }

  @Override
  public void close() {
    onLoop(this::shut);
    join(vertx.close());
  }

  /** Remembers what it hears. */
  static final class ObservedEvents implements Observer {
    final List<Lookup> lookups = new CopyOnWriteArrayList<>();
    final List<Boolean> states = new CopyOnWriteArrayList<>();
    final AtomicInteger stored = new AtomicInteger();
    final AtomicInteger dropped = new AtomicInteger();

    @Override
    public void lookedUp(Endpoint endpoint, Source tier, Lookup result, String rule, long nanos) {
      lookups.add(result);
    }

    @Override
    public void stored(Source tier, int bytes) {
      stored.incrementAndGet();
    }

    @Override
    public void storeDropped(Source tier) {
      dropped.incrementAndGet();
    }

    @Override
    public void redisState(boolean up) {
      states.add(up);
    }
  }
}
