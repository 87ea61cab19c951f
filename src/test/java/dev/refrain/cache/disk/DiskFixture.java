package dev.refrain.cache.disk;

import static org.awaitility.Awaitility.await;

import dev.refrain.cache.CacheEvents;
import dev.refrain.cache.Entries;
import dev.refrain.cache.FakeNext;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Source;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;

/** The stages of the disk tier on an event loop of their own, for a test's thread. */
final class DiskFixture implements AutoCloseable {
  static final int MAX_ENTRY = 1 << 20;
  private static final Duration TTL = Duration.ofHours(1);

  final FakeNext next = new FakeNext(System::currentTimeMillis);
  final CacheEvents events = new CacheEvents();
  final PurgeMarks purgeMarks = new PurgeMarks(Duration.ofHours(2), System::currentTimeMillis);
  final TestLoop loop = new TestLoop();
  final DiskTier tier;
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
    purgeMarks.addListener(tier::purged);
    return loop.call(
        () ->
            Future.succeededFuture(
                new DiskCache(
                    loop.vertx,
                    tier,
                    TTL,
                    purgeMarks,
                    events,
                    new DiskWriter(tier, purgeMarks, next))));
  }

  InferenceResponse ask(long n) {
    Fingerprint fingerprint = Entries.fingerprint(n);
    return loop.call(
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

  @Override
  public void close() {
    TestLoop.join(tier.close());
    loop.close();
  }
}
