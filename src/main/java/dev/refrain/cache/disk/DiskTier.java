package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.MemoryStore.StoredEntry;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Source;
import dev.refrain.memory.MemoryBudget;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The disk tier of a process: looks up on a few threads, writes on one. What goes wrong costs hits
 * and stores, never an answer; it is counted, and logged once.
 *
 * <p>Threads: every method may be called on any; none of them waits for the disk. Futures complete
 * on a thread of the disk.
 */
public final class DiskTier {
  /** Lookups at once; more wait. */
  static final int READERS = 2;

  /** Lookups that may wait; a further one is a miss. */
  private static final int WAITING = 256;

  private final DiskSettings settings;
  private final Observer observer;
  private final DiskLog log;
  private final EntryCodec codec;
  private final Optional<OwnerLock> owner;
  private final WriteQueue queue;
  private final DiskWriterThread writer;
  private final ThreadPoolExecutor readers;
  private final CountDownLatch tried = new CountDownLatch(1);
  private final Promise<Void> opened = Promise.promise();
  private volatile EntryFile file;

  /** Longest wait for purges to be written. */
  private static final long DURABLE_SECONDS = 2;

  /** Opens the files of a folder; blocks. */
  interface Opening {
    EntryFile open() throws DiskException;
  }

  DiskTier(
      DiskSettings settings,
      Opening opening,
      PurgeMarks purgeMarks,
      MemoryBudget budget,
      Observer observer) {
    this.settings = settings;
    this.observer = observer;
    this.log = new DiskLog(settings.folder(), observer);
    this.codec = EntryCodec.complete(settings.maxEntry());
    this.owner = OwnerLock.of(settings.folder());
    this.queue = new WriteQueue(budget);
    MarkFile marks = new MarkFile(settings.folder());
    // Before anything is served, and small.
    marks.read(purgeMarks.now(), purgeMarks::add);
    this.readers =
        new ThreadPoolExecutor(
            READERS,
            READERS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            work -> daemon(work, "refrain-disk-read"));
    this.writer =
        new DiskWriterThread(
            settings, opening, this::use, marks, purgeMarks, queue, codec, log, observer);
    daemon(writer, "refrain-disk-write").start();
  }

  /**
   * Opens the tier of a folder, in the background. What the folder knows to be purged is purged in
   * {@code purgeMarks} when this returns.
   *
   * @throws OwnerLock.InUse if another process has it
   */
  public static DiskTier open(
      DiskSettings settings, PurgeMarks purgeMarks, MemoryBudget budget, Observer observer) {
    EntryCodec codec = EntryCodec.complete(settings.maxEntry());
    return new DiskTier(
        settings,
        () -> SqliteFile.open(settings.folder(), settings.size(), codec, READERS),
        purgeMarks,
        budget,
        observer);
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  private void use(EntryFile now) {
    file = now;
    tried.countDown();
    opened.tryComplete();
  }

  /** Succeeds once entries can be looked up, or it is known that they cannot for now. */
  public Future<Void> opened() {
    return opened.future();
  }

  /**
   * The entry under a fingerprint, empty if there is none. Fails if the disk does not answer; the
   * reason is counted and logged.
   */
  Future<Optional<Entry>> find(Fingerprint fingerprint) {
    Promise<Optional<Entry>> found = Promise.promise();
    try {
      readers.execute(() -> find(fingerprint, found));
    } catch (RejectedExecutionException tooMany) {
      found.fail(failed(new DiskException(DiskFault.SLOW, "too many lookups wait")));
    }
    return found.future();
  }

  /** The entry that would be served, for an operator; empty also if the disk does not answer. */
  public Future<Optional<StoredEntry>> peek(Fingerprint fingerprint, PurgeMarks purgeMarks) {
    long ttl = settings.ttl().toMillis();
    return find(fingerprint)
        .map(
            found ->
                found
                    .filter(entry -> !purgeMarks.covers(entry))
                    .filter(entry -> entry.expiresAt(ttl) > purgeMarks.now())
                    .map(entry -> new StoredEntry(Source.DISK, entry, entry.expiresAt(ttl))))
        .otherwise(Optional.empty());
  }

  /**
   * Some of the entries.
   *
   * @param next where the next page begins
   */
  public record Page(List<Entry> entries, long next, boolean last) {}

  /**
   * The next entries that a filter selects and that could be served; damaged ones are left out.
   *
   * @param from {@link Long#MIN_VALUE}, or what the page before said
   * @param bytes ends the page; one entry at least is read
   */
  public Future<Page> page(EntryFilter filter, PurgeMarks purgeMarks, long from, long bytes) {
    Promise<Page> read = Promise.promise();
    try {
      readers.execute(() -> page(filter, purgeMarks, from, bytes, read));
    } catch (RejectedExecutionException tooMany) {
      read.fail(failed(new DiskException(DiskFault.SLOW, "too many lookups wait")));
    }
    return read.future();
  }

  private void page(
      EntryFilter filter, PurgeMarks purgeMarks, long from, long bytes, Promise<Page> read) {
    EntryFile there = file;
    if (there == null) {
      read.fail(new DiskException(DiskFault.FAILED, "the files are not open"));
      return;
    }
    try {
      long ttl = settings.ttl().toMillis();
      EntryFile.Page page = there.page(filter, from, bytes);
      List<Entry> entries =
          page.values().stream()
              .map(codec::decode)
              .flatMap(Optional::stream)
              .filter(entry -> !purgeMarks.covers(entry) && entry.expiresAt(ttl) > purgeMarks.now())
              .toList();
      read.complete(new Page(entries, page.next(), page.last()));
    } catch (DiskException failure) {
      if (failure.fault() == DiskFault.DAMAGED) {
        writer.damaged();
      }
      read.fail(failed(failure));
    } catch (RuntimeException defect) {
      read.fail(failed(new DiskException(DiskFault.FAILED, defect.getClass().getName())));
    }
  }

  /** Stores entries from elsewhere; done when they are on the disk. What became of each. */
  public Future<List<Imported>> add(List<Entry> entries, ImportRules rules) {
    return writer.order(
        file -> {
          DiskImport sorted = DiskImport.of(file, codec, rules, entries);
          writer.writeRows(sorted.rows());
          return sorted.outcomes();
        });
  }

  /**
   * Removes some of the entries that a filter selects; fewer than so many means that none are left.
   */
  public Future<Integer> remove(EntryFilter filter, int most) {
    return writer.order(file -> file.remove(filter, most));
  }

  /** A lookup was given up. */
  void late() {
    log.failed(DiskFault.SLOW, "no answer within " + settings.timeout().toMillis() + " ms");
  }

  private void find(Fingerprint fingerprint, Promise<Optional<Entry>> found) {
    if (found.future().isComplete()) {
      return;
    }
    try {
      if (!tried.await(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new DiskException(DiskFault.SLOW, "the files are not open yet");
      }
      found.tryComplete(read(fingerprint));
    } catch (DiskException failure) {
      found.tryFail(failed(failure));
    } catch (InterruptedException | RuntimeException failure) {
      found.tryFail(failed(new DiskException(DiskFault.FAILED, failure.getClass().getName())));
    }
  }

  private Optional<Entry> read(Fingerprint fingerprint) throws DiskException {
    EntryFile there = file;
    if (there == null) {
      throw new DiskException(DiskFault.FAILED, "the files cannot be opened");
    }
    byte[] value;
    try {
      value = there.read(fingerprint);
    } catch (DiskException failure) {
      if (failure.fault() == DiskFault.DAMAGED) {
        writer.damaged();
      }
      throw failure;
    }
    if (value == null) {
      return Optional.empty();
    }
    Optional<Entry> entry = codec.decode(value);
    if (entry.isEmpty()) {
      writer.remove(fingerprint);
      throw new DiskException(DiskFault.DAMAGED, "a value is damaged");
    }
    writer.used(fingerprint);
    // Another fingerprint may begin alike.
    return entry.filter(hit -> hit.fingerprint().equals(fingerprint));
  }

  private DiskException failed(DiskException failure) {
    log.failed(failure.fault(), failure.getMessage());
    return failure;
  }

  /** Writes an entry soon, or drops it. */
  void offer(Entry entry) {
    if (!writer.accepts() || !queue.add(entry)) {
      observer.storeDropped(Source.DISK);
    }
  }

  /** Notes a purge that is in effect, to be written. */
  public void purged(Purge what, long until) {
    writer.purged(what, until);
  }

  /**
   * Succeeds once all purges so far are on the disk; fails if they cannot be written now. Completes
   * on the context that asks, if there is one.
   */
  public Future<Void> durable() {
    Promise<Void> written = Promise.promise();
    Context here = Vertx.currentContext();
    Handler<AsyncResult<Void>> completing =
        done -> {
          if (done.succeeded()) {
            written.complete();
          } else {
            written.fail(done.cause());
          }
        };
    writer
        .durable()
        .timeout(DURABLE_SECONDS, TimeUnit.SECONDS)
        .onComplete(
            here == null ? completing : done -> here.runOnContext(now -> completing.handle(done)));
    return written.future();
  }

  /** How many entries there are, as last counted. */
  public long entries() {
    return writer.entries();
  }

  /** Bytes they take, as last measured. */
  public long bytes() {
    return writer.bytes();
  }

  /** How it is, in a word: {@code opening}, {@code up} or the last fault since it was well. */
  public String state() {
    return tried.getCount() > 0 ? "opening" : log.state();
  }

  Duration timeout() {
    return settings.timeout();
  }

  /** Writes what waits and lets go of the files; done after a second at most. */
  public Future<Void> close() {
    queue.close();
    readers.shutdown();
    return writer
        .ended()
        .timeout(1, TimeUnit.SECONDS)
        .otherwiseEmpty()
        .onComplete(ended -> owner.ifPresent(OwnerLock::close));
  }
}
