package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Source;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * Everything that the disk tier does besides looking up: opens the files, writes what waits, keeps
 * within the size, and begins anew where the database is damaged. Runs on a thread of its own; the
 * other methods may be called on any.
 */
final class DiskWriterThread implements Runnable {
  /** Rows of one housekeeping transaction, so that writes do not wait long behind it. */
  private static final int STEP = 256;

  /** Uses remembered until they are written; more are forgotten. */
  private static final int MOST_USED = 8_192;

  private static final long IDLE = Duration.ofSeconds(5).toNanos();
  private static final long RETRY_MILLIS = 1_000;

  private final DiskSettings settings;
  private final DiskTier.Opening opening;

  /** Receives the file, or null if it cannot be opened for now. */
  private final Consumer<EntryFile> opened;

  private final MarkFile markFile;
  private final PurgeMarks purgeMarks;
  private final WriteQueue queue;
  private final EntryCodec codec;
  private final DiskLog log;
  private final Observer observer;

  private final Set<Fingerprint> used = ConcurrentHashMap.newKeySet();
  private final Queue<Promise<Void>> waiting = new ConcurrentLinkedQueue<>();
  private final DiskOrders orders = new DiskOrders();
  private final Map<Purge, Long> purges = new ConcurrentHashMap<>();
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean unwritten;
  private volatile boolean damaged;
  private volatile boolean refusing;
  private volatile long entries;
  private volatile long bytes;

  // Of its own thread.
  private EntryFile file;
  private Salvage salvage = Salvage.NONE;
  private int salvaged;
  private long housekept = Long.MIN_VALUE;

  DiskWriterThread(
      DiskSettings settings,
      DiskTier.Opening opening,
      Consumer<EntryFile> opened,
      MarkFile markFile,
      PurgeMarks purgeMarks,
      WriteQueue queue,
      EntryCodec codec,
      DiskLog log,
      Observer observer) {
    this.settings = settings;
    this.opening = opening;
    this.opened = opened;
    this.markFile = markFile;
    this.purgeMarks = purgeMarks;
    this.queue = queue;
    this.codec = codec;
    this.log = log;
    this.observer = observer;
    // A process that was killed may not have removed all that it had purged.
    purges.putAll(purgeMarks.marks());
  }

  /** Whether writing is of use now. */
  boolean accepts() {
    return !refusing;
  }

  void used(Fingerprint fingerprint) {
    if (used.size() < MOST_USED) {
      used.add(fingerprint);
    }
  }

  /** Removes one value, which is damaged. */
  void remove(Fingerprint fingerprint) {
    purges.merge(new Purge.OfFingerprint(fingerprint), Long.MAX_VALUE, Math::max);
    queue.wake();
  }

  void purged(Purge what, long until) {
    purges.merge(what, until, Math::max);
    unwritten = true;
    queue.wake();
  }

  /** A reader saw that the database is damaged. */
  void damaged() {
    damaged = true;
    queue.wake();
  }

  Future<Void> durable() {
    Promise<Void> written = Promise.promise();
    waiting.add(written);
    queue.wake();
    return written.future();
  }

  /** Has this done between two batches. */
  <T> Future<T> order(DiskOrders.Work<T> work) {
    Future<T> done = orders.add(work);
    queue.wake();
    if (ended.future().isComplete()) {
      orders.refuse(new DiskException(DiskFault.FAILED, "the process is stopping"));
    }
    return done;
  }

  /** Writes these, in an {@link #order}. */
  void writeRows(List<EntryFile.Row> rows) throws DiskException {
    if (rows.isEmpty()) {
      return;
    }
    try {
      writeOrMakeRoom(rows);
    } catch (DiskException failure) {
      rows.forEach(row -> observer.storeDropped(Source.DISK));
      throw failure;
    }
    rows.forEach(row -> observer.stored(Source.DISK, row.value().length));
    housekept = Long.MIN_VALUE;
  }

  long entries() {
    return entries;
  }

  long bytes() {
    return bytes;
  }

  Future<Void> ended() {
    return ended.future();
  }

  @Override
  public void run() {
    try {
      while (!queue.isOver()) {
        turn();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      if (file != null) {
        file.close();
      }
      salvage.close();
      ended.tryComplete();
      orders.refuse(new DiskException(DiskFault.FAILED, "the process is stopping"));
    }
  }

  private void turn() throws InterruptedException {
    if (file == null) {
      open();
    }
    boolean busy = damaged || salvage != Salvage.NONE || !purges.isEmpty();
    List<Entry> batch =
        queue.take(busy || file == null ? 0 : IDLE, busy ? 0 : settings.delay().toNanos());
    try {
      write(batch);
    } finally {
      queue.written();
    }
  }

  private void write(List<Entry> batch) throws InterruptedException {
    writeMarks();
    if (file == null) {
      batch.forEach(each -> observer.storeDropped(Source.DISK));
      orders.refuse(new DiskException(DiskFault.FAILED, "the files cannot be opened"));
      pause();
      return;
    }
    try {
      if (damaged) {
        replace();
      }
      writeRows(rows(batch));
      orders.execute(file);
      keepHouse();
      log.succeeded(); // the last fault, if any, is over
    } catch (DiskException failure) {
      recover(failure);
    } catch (RuntimeException defect) {
      recover(new DiskException(DiskFault.FAILED, defect.toString()));
    }
  }

  private void open() {
    try {
      file = opening.open();
      bytes = file.bytes();
      entries = file.count();
    } catch (DiskException failure) {
      log.failed(failure.fault(), failure.getMessage());
      damaged = failure.fault() == DiskFault.DAMAGED;
    } catch (RuntimeException | LinkageError noDriver) {
      log.failed(DiskFault.FAILED, noDriver.toString());
    }
    opened.accept(file);
  }

  /** Takes no entries for a while, for it is of no use to hold them. */
  private void pause() throws InterruptedException {
    refusing = true;
    queue.pause(RETRY_MILLIS);
    refusing = false;
  }

  private void recover(DiskException failure) throws InterruptedException {
    log.failed(failure.fault(), failure.getMessage());
    if (failure.fault() == DiskFault.DAMAGED && !damaged) {
      damaged = true;
    } else {
      pause();
    }
  }

  private void writeMarks() {
    // First who waits, then whether there is something to write: their marks were added before.
    List<Promise<Void>> served = new ArrayList<>();
    for (Promise<Void> next = waiting.poll(); next != null; next = waiting.poll()) {
      served.add(next);
    }
    if (unwritten) {
      unwritten = false;
      try {
        markFile.write(purgeMarks.marks());
      } catch (DiskException failure) {
        unwritten = true;
        log.failed(failure.fault(), failure.getMessage());
        served.forEach(each -> each.tryFail(failure));
      }
    }
    served.forEach(Promise::tryComplete);
  }

  /** Begins an empty database; what can be read of the damaged one follows step by step. */
  private void replace() throws DiskException {
    salvage.close();
    salvage = Salvage.NONE;
    salvage = file.replace();
    damaged = false;
    salvaged = 0;
  }

  private List<EntryFile.Row> rows(List<Entry> batch) {
    List<EntryFile.Row> rows = new ArrayList<>(batch.size());
    for (Entry each : batch) {
      if (isWanted(each)) {
        codec
            .encode(each)
            .ifPresent(value -> rows.add(new EntryFile.Row(each, value, expiresAt(each))));
      }
    }
    return rows;
  }

  private boolean isWanted(Entry entry) {
    return !purgeMarks.covers(entry) && expiresAt(entry) > purgeMarks.now();
  }

  private long expiresAt(Entry entry) {
    return entry.expiresAt(settings.ttl().toMillis());
  }

  private void writeOrMakeRoom(List<EntryFile.Row> rows) throws DiskException {
    try {
      file.write(rows);
    } catch (DiskException failure) {
      if (failure.fault() == DiskFault.FULL) {
        bytes = file.bytes();
        shrinkTo(bytes / 8 * 7);
      } else if (failure.fault() == DiskFault.DAMAGED) {
        log.failed(failure.fault(), failure.getMessage());
        replace();
      } else {
        throw failure;
      }
      file.write(rows);
    }
  }

  private void keepHouse() throws DiskException {
    removePurged();
    salvageSome();
    long now = System.nanoTime();
    if (housekept != Long.MIN_VALUE && now - housekept < IDLE) {
      return;
    }
    housekept = now;
    Set<Fingerprint> recently = Set.copyOf(used);
    if (!recently.isEmpty()) {
      file.used(recently, purgeMarks.now());
      used.removeAll(recently);
    }
    makeRoom();
    entries = file.count();
  }

  private void removePurged() throws DiskException {
    for (Map.Entry<Purge, Long> each : purges.entrySet()) {
      if (file.remove(each.getKey(), each.getValue(), STEP) < STEP) {
        purges.remove(each.getKey(), each.getValue());
      }
      housekept = Long.MIN_VALUE;
    }
  }

  private void salvageSome() throws DiskException {
    List<Entry> found = new ArrayList<>();
    for (int i = 0; i < STEP && salvage != Salvage.NONE; i++) {
      Optional<Entry> next = salvage.next();
      if (next.isEmpty()) {
        salvage.close();
        salvage = Salvage.NONE;
        log.info("began a new database; entries saved from the damaged one: " + salvaged);
      } else if (DiskImport.isNews(file, codec, next.get())) {
        found.add(next.get());
      }
    }
    if (!found.isEmpty()) {
      salvaged += found.size();
      writeOrMakeRoom(rows(found));
    }
  }

  private void makeRoom() throws DiskException {
    file.removeExpired(purgeMarks.now(), STEP);
    bytes = file.bytes();
    if (bytes > settings.size() / 16 * 15) {
      shrinkTo(settings.size() / 8 * 7);
    }
  }

  /** A few at a time, for they may be large. */
  private void shrinkTo(long goal) throws DiskException {
    int few = (int) Math.min(STEP, Math.max(1, file.count() / STEP));
    for (int i = 0; i < STEP && bytes > goal && file.removeUnused(few) > 0; i++) {
      bytes = file.bytes();
    }
  }
}
