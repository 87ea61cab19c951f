package dev.refrain.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.CacheEvents;
import dev.refrain.cache.Entries;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A byte of the database that is not what was written costs the entry it belongs to. */
class DamagedFileTest {
  private static final int ENTRIES = 400;
  private static final int RANDOM = Integer.getInteger("refrain.disk.flips", 20);
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  @Test
  void aFlippedByteAnywhereCostsOneEntryAtMost() throws IOException {
    Path whole = folder.resolve("whole");
    try (Opened disk = new Opened(whole)) {
      IntStream.range(0, ENTRIES).forEach(n -> disk.tier.offer(entry(n)));
    }
    byte[] bytes = Files.readAllBytes(whole.resolve("entries.db"));
    Random random = new Random(7);
    int[] places =
        IntStream.concat(
                // The header of the file, the roots of the trees, the beginnings of some pages.
                IntStream.of(
                    0,
                    18,
                    28,
                    40,
                    60,
                    100,
                    103,
                    105,
                    108,
                    PAGE,
                    PAGE + 3,
                    PAGE + 5,
                    PAGE + 8,
                    PAGE + 12,
                    PAGE + 20,
                    PAGE + 300,
                    2 * PAGE,
                    2 * PAGE + 4,
                    3 * PAGE + 5,
                    5 * PAGE,
                    5 * PAGE + 4,
                    5 * PAGE + 9),
                random.ints(RANDOM, 0, bytes.length))
            .toArray();
    for (int place : places) {
      byte[] damaged = bytes.clone();
      damaged[place] ^= (byte) (1 + random.nextInt(255));
      Path copy = Files.createDirectory(folder.resolve("at-" + place));
      Files.write(copy.resolve("entries.db"), damaged);
      try (Opened disk = new Opened(copy)) {
        await("byte " + place)
            .atMost(Duration.ofSeconds(20))
            .pollInterval(Duration.ofMillis(5))
            .until(() -> disk.found() >= ENTRIES - 1);
      }
    }
  }

  private static Entry entry(int n) {
    // Of all sizes, up to those that take several pages.
    String body = ("{\"n\":" + n + "}").repeat(1 + n % 20 * (n % 20) * 6);
    return Entries.entry(fingerprint(n), Buffer.buffer(body), System.currentTimeMillis());
  }

  private static Fingerprint fingerprint(int n) {
    return Entries.fingerprint(n * 0x9E3779B97F4A7C15L);
  }

  private static final class Opened implements AutoCloseable {
    private final DiskTier tier;

    Opened(Path folder) {
      PurgeMarks marks = new PurgeMarks(Duration.ofHours(2), System::currentTimeMillis);
      tier =
          DiskTier.open(
              DiskFixture.settings(folder, 64 << 20),
              marks,
              MemoryBudget.unlimited(),
              new CacheEvents());
      TestLoop.join(tier.opened());
    }

    /** How many are there; what is there is what was written. */
    long found() {
      return IntStream.range(0, ENTRIES).filter(this::has).count();
    }

    private boolean has(int n) {
      Future<Optional<Entry>> found = tier.find(fingerprint(n));
      Optional<Entry> entry = TestLoop.join(found.otherwise(Optional.empty()));
      entry.ifPresent(hit -> assertThat(hit.body()).isEqualTo(entry(n).body()));
      return entry.isPresent();
    }

    @Override
    public void close() {
      TestLoop.join(tier.close());
    }
  }
}
