package dev.refrain.cache.redis;

import static org.awaitility.Awaitility.await;

import dev.refrain.cache.CacheEvents;
import dev.refrain.cache.Entries;
import dev.refrain.cache.FakeNext;
import dev.refrain.cache.FleetClock;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Fork;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.InferenceService;
import dev.refrain.inference.Source;
import dev.refrain.inference.Whole;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import dev.refrain.redis.Servers;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.redis.client.RedisOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A shared cache and its keeper on an event loop of their own, over a {@link FakeNext}, for a
 * test's thread.
 */
final class SharedCacheFixture implements AutoCloseable {
  final FakeNext next;
  final CacheEvents observedEvents = new CacheEvents();
  final FleetClock clock;
  final PurgeMarks purgeMarks;
  final RedisLink link;
  final InferenceService cache;
  private final SharedCacheWriter keeper;

  final TestLoop loop = new TestLoop();

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
        loop.call(
            () ->
                Future.succeededFuture(
                    RedisLink.open(
                        loop.vertx, settings.link, options, new RedisLog(), observedEvents)));
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
    return new PurgeBoard(loop.vertx, link, "test", known, clock);
  }

  SharedCacheFixture awaitUp() {
    await().atMost(Duration.ofSeconds(20)).until(link::isUp);
    return this;
  }

  /** Asks on the event loop and waits for the answer. */
  Whole ask(InferenceRequest request) {
    return (Whole) loop.call(() -> cache.respond(request));
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
    return loop.call(() -> Future.succeededFuture(requests.stream().map(cache::respond).toList()));
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
    loop.call(this::shut);
    loop.close();
  }
}
