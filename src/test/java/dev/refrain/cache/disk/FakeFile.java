package dev.refrain.cache.disk;

import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Observer.DiskFault;
import dev.refrain.inference.Purge;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Entries in memory, that can be made to fail or to hang. */
final class FakeFile implements EntryFile {
  final Map<Long, byte[]> values = new ConcurrentHashMap<>();
  final AtomicInteger reads = new AtomicInteger();
  final AtomicInteger writes = new AtomicInteger();
  volatile DiskFault onRead;
  volatile DiskFault onWrite;
  volatile boolean askedOnEventLoop;
  private volatile CountDownLatch hanging = new CountDownLatch(0);

  /** Answers nothing until it is released. */
  void hang() {
    hanging = new CountDownLatch(1);
  }

  void release() {
    hanging.countDown();
  }

  private void touch(DiskFault fault) throws DiskException {
    askedOnEventLoop |= Vertx.currentContext() != null;
    try {
      hanging.await();
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
    if (fault != null) {
      throw new DiskException(fault, "as told");
    }
  }

  @Override
  public byte[] read(Fingerprint fingerprint) throws DiskException {
    reads.incrementAndGet();
    touch(onRead);
    return values.get(fingerprint.a());
  }

  @Override
  public Page page(EntryFilter filter, long from, long bytes) throws DiskException {
    touch(onRead);
    return new Page(List.copyOf(values.values()), 0, true);
  }

  @Override
  public int remove(EntryFilter filter, int most) throws DiskException {
    touch(onWrite);
    return 0;
  }

  @Override
  public void write(List<Row> rows) throws DiskException {
    writes.incrementAndGet();
    touch(onWrite);
    rows.forEach(row -> values.put(row.entry().fingerprint().a(), row.value()));
  }

  @Override
  public void used(Collection<Fingerprint> fingerprints, long now) throws DiskException {
    touch(null);
  }

  @Override
  public int remove(Purge what, long until, int most) throws DiskException {
    touch(null);
    return 0;
  }

  @Override
  public int removeExpired(long now, int most) throws DiskException {
    touch(null);
    return 0;
  }

  @Override
  public int removeUnused(int most) throws DiskException {
    touch(onWrite);
    return 0;
  }

  @Override
  public long count() {
    return values.size();
  }

  @Override
  public long bytes() {
    return values.size();
  }

  @Override
  public Salvage replace() {
    values.clear();
    return Salvage.NONE;
  }

  @Override
  public void close() {}
}
