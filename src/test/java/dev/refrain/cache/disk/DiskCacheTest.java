package dev.refrain.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.refrain.cache.Entries;
import dev.refrain.cache.EntryCodec;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Source;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.metrics.EventLoopLag;
import dev.refrain.testing.TestLoop;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The stages of the disk tier, over a real database and over one that fails. */
class DiskCacheTest {
  private static final Duration PATIENT = Duration.ofSeconds(20);

  @TempDir private Path folder;

  @Test
  void whatWasStoredIsServedByTheNextProcess() {
    try (DiskFixture disk = new DiskFixture(folder)) {
      disk.store(1);
      assertThat(disk.source(1)).isEqualTo(Source.DISK);
      assertThat(disk.events.lookups).containsExactly(Lookup.MISS, Lookup.HIT);
    }
    try (DiskFixture disk = new DiskFixture(folder)) {
      assertThat(disk.source(1)).isEqualTo(Source.DISK);
      assertThat(disk.source(2)).isEqualTo(Source.UPSTREAM);
      assertThat(disk.events.faults).isEmpty();
    }
  }

  @Test
  void whatWaitsIsWrittenWhenTheProcessEnds() {
    try (DiskFixture disk = new DiskFixture(folder)) {
      for (int n = 0; n < 100; n++) {
        disk.ask(n);
      }
    }
    try (DiskFixture disk = new DiskFixture(folder)) {
      for (int n = 0; n < 100; n++) {
        assertThat(disk.source(n)).isEqualTo(Source.DISK);
      }
    }
  }

  @Test
  void aSecondOwnerIsRefusedAndTheFirstGoesOn() {
    try (DiskFixture disk = new DiskFixture(folder)) {
      assertThatThrownBy(() -> new DiskFixture(folder))
          .isInstanceOf(OwnerLock.InUse.class)
          .hasMessage(
              folder + " is in use by another process (pid " + ProcessHandle.current().pid() + ")");
      disk.store(1);
      assertThat(disk.source(1)).isEqualTo(Source.DISK);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPurgeSurvivesARestartAlsoIfItsFileIsDamaged(boolean wholly) throws IOException {
    try (DiskFixture disk = new DiskFixture(folder)) {
      disk.store(1);
      disk.store(2);
      Purge one = new Purge.OfFingerprint(Entries.fingerprint(1));
      disk.purgeMarks.add(one, System.currentTimeMillis());
      TestLoop.join(disk.tier.durable());
    }
    Path purges = folder.resolve("purges");
    String text = Files.readString(purges);
    Files.writeString(
        purges, wholly ? text.replace("fingerprint", "f") : text.replaceFirst("fingerprint", "f"));
    try (DiskFixture disk = new DiskFixture(folder)) {
      assertThat(disk.source(1)).isEqualTo(Source.UPSTREAM);
      assertThat(disk.source(2)).isEqualTo(wholly ? Source.UPSTREAM : Source.DISK);
    }
  }

  @Test
  void whatIsPurgedIsRemoved() {
    try (DiskFixture disk = new DiskFixture(folder)) {
      for (int n = 0; n < 300; n++) {
        disk.ask(n);
      }
      await().atMost(PATIENT).until(() -> disk.tier.entries() == 300);
      disk.purgeMarks.add(Purge.ALL, System.currentTimeMillis());
      await().atMost(PATIENT).until(() -> disk.tier.entries() == 0);
    }
  }

  @Test
  void theFilesStayWithinTheirSize() throws IOException {
    int size = 32 << 20;
    try (DiskFixture disk =
        new DiskFixture(DiskFixture.settings(folder, size), MemoryBudget.unlimited())) {
      disk.next.body = "x".repeat(400_000);
      for (int n = 0; n < 120; n++) {
        disk.store(n * 0x9E3779B97F4A7C15L);
      }
      assertThat(disk.events.dropped).hasValue(0);
      assertThat(disk.tier.bytes()).isLessThanOrEqualTo(size);
      assertThat(Files.size(folder.resolve("entries.db"))).isLessThanOrEqualTo(size);
      assertThat(disk.source(119 * 0x9E3779B97F4A7C15L)).isEqualTo(Source.DISK);
    }
  }

  @Test
  void noEventLoopWaitsForADiskThatHangs() {
    FakeFile file = new FakeFile();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    EventLoopLag lag = new EventLoopLag(registry);
    try (DiskFixture disk = new DiskFixture(folder, file, Duration.ofMillis(20))) {
      disk.loop.call(() -> Future.succeededFuture(lag.watch(disk.loop.vertx)));
      file.hang();
      // Each would wait for ever if the loop did; after five, none is asked.
      for (int n = 0; n < 20; n++) {
        assertThat(disk.source(n)).isEqualTo(Source.UPSTREAM);
      }
      assertThat(disk.events.lookups).hasSize(20).containsOnly(Lookup.ERROR);
      assertThat(file.reads.get()).isLessThanOrEqualTo(5);
      assertThat(disk.events.faults).contains(DiskFault.SLOW);
      assertThat(file.askedOnEventLoop).isFalse();
      assertThat(lag.overdue()).isLessThan(TimeUnit.SECONDS.toNanos(5));
      file.release();
      await().atMost(PATIENT).until(() -> disk.source(1) == Source.DISK);
    }
  }

  @ParameterizedTest
  @EnumSource(DiskFault.class)
  void noFaultCostsAnAnswer(DiskFault fault) {
    FakeFile file = new FakeFile();
    try (DiskFixture disk = new DiskFixture(folder, file, PATIENT)) {
      disk.store(1);
      file.onRead = fault;
      file.onWrite = fault;
      assertThat(disk.source(1)).isEqualTo(Source.UPSTREAM);
      await().atMost(PATIENT).until(() -> disk.events.dropped.get() > 0);
      assertThat(disk.events.faults).contains(fault);
      file.onRead = null;
      file.onWrite = null;
      await()
          .atMost(PATIENT)
          .until(() -> disk.source(2) == Source.DISK && disk.tier.state().equals("up"));
    }
  }

  @Test
  void aFolderThatCannotBeMadeCostsHitsAndNoAnswer() throws IOException {
    Path notAFolder = Files.writeString(folder.resolve("file"), "x");
    try (DiskFixture disk = new DiskFixture(notAFolder.resolve("below"))) {
      assertThat(disk.source(1)).isEqualTo(Source.UPSTREAM);
      assertThat(disk.events.faults).isNotEmpty();
    }
  }

  @Test
  void whatIsNoDatabaseIsReplaced() throws IOException {
    Files.writeString(folder.resolve("entries.db"), "no database".repeat(1000));
    try (DiskFixture disk = new DiskFixture(folder)) {
      await().atMost(PATIENT).until(() -> disk.source(1) == Source.DISK);
      assertThat(disk.events.faults).contains(DiskFault.DAMAGED);
    }
  }

  @Test
  void whatThereIsNoMemoryForIsDroppedAndCounted() {
    MemoryBudget budget = new MemoryBudget(1 << 20, 1 << 20);
    FakeFile file = new FakeFile();
    try (DiskFixture disk = new DiskFixture(folder, file, PATIENT, budget)) {
      file.hang();
      disk.next.body = "x".repeat(20_000);
      for (int n = 0; n < 20; n++) {
        disk.offer(n);
      }
      assertThat(disk.events.dropped.get()).isBetween(10, 19);
      file.release();
    }
    assertThat(budget.used(MemoryBudget.Use.PENDING_STORES)).isZero();
  }

  /** As SQLite does where the disk is full. */
  @Test
  void aTransactionThatTheDatabaseRolledBackByItselfIsFollowedByOthers() throws Exception {
    EntryCodec codec = EntryCodec.complete(DiskFixture.MAX_ENTRY);
    SqliteFile file = SqliteFile.open(folder, 64 << 20, codec, 1);
    Entry entry = Entries.entry(Entries.fingerprint(1), "x");
    List<EntryFile.Row> rows =
        List.of(new EntryFile.Row(entry, codec.encode(entry).orElseThrow(), Long.MAX_VALUE));
    try (Connection other = Database.open(folder.resolve("entries.db"), 1 << 20, false);
        Statement statement = other.createStatement()) {
      statement.execute(
          "create trigger full before insert on meta begin select raise(rollback, 'full'); end");
      assertThatThrownBy(() -> file.write(rows)).isInstanceOf(DiskException.class);
      statement.execute("drop trigger full");
      file.write(rows);
      assertThat(file.read(entry.fingerprint())).isNotNull();
    }
    file.close();
  }
}
