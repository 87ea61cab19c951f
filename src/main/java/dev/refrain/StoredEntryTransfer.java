package dev.refrain;

import dev.refrain.cache.EntryLine;
import dev.refrain.cache.EntryReader;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.ImportTally;
import dev.refrain.cache.Imported;
import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.disk.DiskTier;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.management.EntryTransfer;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Moves the entries of this process, for the management port. Holds a few of them at a time, within
 * the memory budget; lines are read and written on worker threads.
 */
final class StoredEntryTransfer implements EntryTransfer {
  /** Bytes of entries of one step; one entry may be larger. */
  private static final int STEP = 256 * 1024;

  /** Bytes that are read from the disk in one step; entries grow when they are inflated. */
  private static final int DISK_STEP = 16 * 1024;

  /** An entry as it is stored, as an object, as a text and as a line. */
  private static final int COPIES = 4;

  private static final int REMOVED = 256;

  private final Vertx vertx;
  private final ProcessState process;
  private final Supplier<ConfigGeneration> generation;
  private final AtomicBoolean busy = new AtomicBoolean();

  StoredEntryTransfer(Vertx vertx, ProcessState process, Supplier<ConfigGeneration> generation) {
    this.vertx = vertx;
    this.process = process;
    this.generation = generation;
  }

  @Override
  public Export export(EntryFilter filter) {
    return new Outgoing(filter);
  }

  @Override
  public Import load(EntryFilter filter) {
    return new Incoming(filter);
  }

  @Override
  public Future<JsonObject> remove(EntryFilter filter) {
    return vertx
        .executeBlocking(() -> process.memory().remove(filter), false)
        .map(count -> JsonObject.of("memory", count))
        .compose(
            counts ->
                process
                    .disk()
                    .map(disk -> removeOf(disk, filter, 0).map(count -> counts.put("disk", count)))
                    .orElseGet(() -> Future.succeededFuture(counts)));
  }

  private Future<Long> removeOf(DiskTier disk, EntryFilter filter, long before) {
    return here(disk.remove(filter, REMOVED))
        .compose(
            count ->
                count < REMOVED
                    ? Future.succeededFuture(before + count)
                    : removeOf(disk, filter, before + count));
  }

  /** The same outcome on the event loop that calls this; a failure is one of the disk. */
  private <T> Future<T> here(Future<T> ofDisk) {
    Context loop = vertx.getOrCreateContext();
    Promise<T> told = Promise.promise();
    ofDisk.onComplete(
        (result, cause) ->
            loop.runOnContext(
                now -> {
                  if (cause == null) {
                    told.complete(result);
                  } else {
                    told.fail(
                        Failure.of(
                            Kind.OVERLOADED, "the disk cannot be used: " + cause.getMessage()));
                  }
                }));
    return told.future();
  }

  /** One transfer, with its memory. On one event loop. */
  private abstract class Transfer {
    private final Reservation reservation = process.budget().reserve(Use.TRANSFERS);

    Transfer() {
      if (!busy.compareAndSet(false, true)) {
        throw Failure.of(Kind.OVERLOADED, "another export or import is under way");
      }
      if (!reservation.growTo((long) STEP * COPIES)) {
        close();
        throw noRoom();
      }
    }

    Failure noRoom() {
      return Failure.of(Kind.OVERLOADED, "no memory is left for this; try again later");
    }

    /** Whether the memory budget allows a step with this many bytes of entries. */
    boolean hasRoomFor(long bytes) {
      return reservation.growTo(Math.max(STEP, bytes) * COPIES);
    }

    boolean isClosed() {
      return reservation.isReleased();
    }

    public void close() {
      if (!reservation.isReleased()) {
        reservation.release();
        busy.set(false);
      }
    }
  }

  /** The entries in memory, then those that are on the disk alone. */
  private final class Outgoing extends Transfer implements Export {
    private final EntryFilter filter;
    private final Iterator<Entry> inMemory;

    /** The first eight bytes of the fingerprints of those that were in memory. */
    private long[] given = new long[16];

    private int count;
    private boolean headed;
    private boolean memoryDone;
    private boolean done;
    private long from = Long.MIN_VALUE;

    Outgoing(EntryFilter filter) {
      this.filter = filter;
      this.inMemory = process.memory().entries(filter);
    }

    @Override
    public Future<Buffer> next() {
      if (isClosed()) {
        return Future.failedFuture(Failure.of(Kind.CANCELLED, "the export was ended"));
      }
      if (!headed) {
        headed = true;
        return Future.succeededFuture(Buffer.buffer(EntryLine.HEADER + "\n"));
      }
      if (!memoryDone) {
        return vertx.executeBlocking(this::ofMemory, false).compose(this::orMore);
      }
      return done || process.disk().isEmpty()
          ? Future.succeededFuture()
          : here(process.disk().get().page(filter, process.purgeMarks(), from, DISK_STEP))
              .compose(this::ofDisk)
              .compose(this::orMore);
    }

    private Future<Buffer> orMore(Buffer lines) {
      return lines.length() > 0 ? Future.succeededFuture(lines) : next();
    }

    private Buffer ofMemory() {
      Buffer lines = Buffer.buffer();
      while (lines.length() < STEP && inMemory.hasNext()) {
        Entry entry = inMemory.next();
        if (!hasRoomFor(entry.weight())) {
          throw noRoom();
        }
        if (count == given.length) {
          given = Arrays.copyOf(given, 2 * count);
        }
        given[count++] = entry.fingerprint().a();
        lines.appendString(EntryLine.write(entry)).appendByte((byte) '\n');
      }
      if (!inMemory.hasNext()) {
        memoryDone = true;
        Arrays.sort(given, 0, count);
      }
      return lines;
    }

    private Future<Buffer> ofDisk(DiskTier.Page page) {
      from = page.next();
      done = page.last();
      if (!hasRoomFor(page.entries().stream().mapToLong(each -> each.weight()).sum())) {
        return Future.failedFuture(noRoom());
      }
      return vertx.executeBlocking(
          () -> {
            Buffer lines = Buffer.buffer();
            for (Entry each : page.entries()) {
              if (Arrays.binarySearch(given, 0, count, each.fingerprint().a()) < 0) {
                lines.appendString(EntryLine.write(each)).appendByte((byte) '\n');
              }
            }
            return lines;
          },
          false);
    }
  }

  /** Stored on the disk where there is one, else in memory. */
  private final class Incoming extends Transfer implements Import {
    private final EntryFilter filter;
    private final ImportRules rules;
    private final EntryReader reader;
    private final ImportTally tally = new ImportTally();

    Incoming(EntryFilter filter) {
      this.filter = filter;
      ConfigGeneration now = generation.get();
      rules =
          new ImportRules(
              process.purgeMarks(), now.config().cache().ttl().toMillis(), now.maxEntry());
      reader = new EntryReader(now.maxEntry());
    }

    /** Entries that were read, and the error that ended the reading; null if none did. */
    private record Piece(List<Entry> entries, IllegalArgumentException malformed) {}

    @Override
    public Future<Void> take(Buffer piece) {
      if (isClosed()) {
        return Future.failedFuture(Failure.of(Kind.CANCELLED, "the import was ended"));
      }
      return hasRoomFor(reader.held() + piece.length())
          ? vertx.executeBlocking(() -> read(piece), false).compose(this::store)
          : Future.failedFuture(noRoom());
    }

    @Override
    public Future<JsonObject> end() {
      return vertx
          .executeBlocking(() -> read(null), false)
          .compose(this::store)
          .map(stored -> tally.json());
    }

    private Piece read(Buffer piece) {
      List<Entry> entries = new ArrayList<>();
      try {
        if (piece == null) {
          reader.end(entries::add);
        } else {
          reader.read(piece.getBytes(), piece.length(), entries::add);
        }
        return new Piece(entries, null);
      } catch (IllegalArgumentException malformed) {
        return new Piece(entries, malformed);
      }
    }

    private Future<Void> store(Piece piece) {
      List<Entry> selected = piece.entries.stream().filter(filter::selects).toList();
      Future<Void> stored =
          selected.isEmpty()
              ? Future.succeededFuture()
              : process
                  .disk()
                  .map(disk -> onDisk(disk, selected))
                  .orElseGet(() -> vertx.executeBlocking(() -> inMemory(selected), false));
      return stored.compose(
          done ->
              piece.malformed == null
                  ? Future.succeededFuture()
                  : Future.failedFuture(malformed(piece.malformed)));
    }

    private Failure malformed(IllegalArgumentException why) {
      String before = "; entries stored before it: " + tally.stored();
      return Failure.invalid(null, why.getMessage() + before);
    }

    private Void inMemory(List<Entry> entries) {
      tally.add(
          entries.stream()
              .map(each -> rules.refusal(each).orElseGet(() -> process.memory().add(each)))
              .toList());
      return null;
    }

    private Future<Void> onDisk(DiskTier disk, List<Entry> entries) {
      MemoryStore memory = process.memory();
      List<Entry> news = entries.stream().filter(memory::hasNothingNewer).toList();
      return here(disk.add(news, rules))
          .map(
              outcomes -> {
                for (int i = 0; i < news.size(); i++) {
                  if (outcomes.get(i) == Imported.STORED) {
                    memory.renew(news.get(i));
                  }
                }
                tally.add(outcomes);
                tally.add(Collections.nCopies(entries.size() - news.size(), Imported.KEPT));
                return null;
              });
    }
  }
}
