package dev.refrain.cache.disk;

import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.cache.FakeNext;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.memory.MemoryBudget;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The stages of the disk tier on an event loop of their own, for a test's thread. */
final class DiskFixture implements AutoCloseable {
  static final int MAX_ENTRY = 1 << 20;
  private static final Duration TTL = Duration.ofHours(1);

  final FakeNext next = new FakeNext(System::currentTimeMillis);
  final Events events = new Events();
  final PurgeMarks purgeMarks = new PurgeMarks(Duration.ofHours(2), System::currentTimeMillis);
  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final DiskTier tier;
  private final Context loop = vertx.getOrCreateContext();
  private final SharedService stages;

  /** Over a database in this folder. */
  DiskFixture(Path folder) {
    this(settings(folder, 64 << 20), MemoryBudget.unlimited());
  }

  DiskFixture(DiskSettings settings, MemoryBudget budget) {
    tier = DiskTier.open(settings, purgeMarks, budget, events);
    stages = stages();
  }

  /** Over this file. */
  DiskFixture(Path folder, EntryFile file, Duration timeout) {
    this(folder, file, timeout, MemoryBudget.unlimited());
  }

  DiskFixture(Path folder, EntryFile file, Duration timeout, MemoryBudget budget) {
    DiskSettings settings =
        new DiskSettings(folder, 64 << 20, MAX_ENTRY, TTL, timeout, Duration.ofMillis(1));
    tier = new DiskTier(settings, () -> file, purgeMarks, budget, events);
    stages = stages();
  }

  /** Gives an entry to be written. */
  void offer(long n) {
    tier.offer(Entries.entry(Entries.fingerprint(n), next.body));
  }

  static DiskSettings settings(Path folder, long size) {
    return new DiskSettings(
        folder, size, MAX_ENTRY, TTL, Duration.ofSeconds(20), Duration.ofMillis(1));
  }

  private SharedService stages() {
    purgeMarks.alsoTell(tier::purged);
    return onLoop(
        () ->
            Future.succeededFuture(
                new DiskCache(
                    vertx, tier, TTL, purgeMarks, events, new DiskWriter(tier, purgeMarks, next))));
  }

  InferenceResponse ask(long n) {
    Fingerprint fingerprint = Entries.fingerprint(n);
    return onLoop(
        () -> stages.respond(Entries.request(fingerprint), new Shareable(fingerprint, 5)));
  }

  Source source(long n) {
    return ask(n).provenance().source();
  }

  /** Stores an answer, and waits until it is on the disk. */
  void store(long n) {
    int before = events.stored.get();
    ask(n);
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> events.stored.get() > before);
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
    } catch (TimeoutException late) {
      throw new AssertionError("still not done", late);
    }
  }

  @Override
  public void close() {
    join(tier.close());
    join(vertx.close());
  }

  /** Remembers what it hears. */
  static final class Events implements Observer {
    final List<Lookup> lookups = new CopyOnWriteArrayList<>();
    final List<DiskFault> faults = new CopyOnWriteArrayList<>();
    final AtomicInteger stored = new AtomicInteger();
    final AtomicInteger dropped = new AtomicInteger();

    @Override
    public void lookedUp(Endpoint endpoint, Source tier, Lookup result, String rule, long nanos) {
      lookups.add(result);
    }

    @Override
    public void diskFailed(DiskFault fault) {
      faults.add(fault);
    }

    @Override
    public void stored(Source tier, int bytes) {
      stored.incrementAndGet();
    }

    @Override
    public void storeDropped(Source tier) {
      dropped.incrementAndGet();
    }
  }
}
