package dev.refrain.cache.disk;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What operators want done with the file, by the thread that writes it, between two batches. Any
 * thread adds.
 */
final class DiskOrders {
  private final Queue<Order<?>> waiting = new ConcurrentLinkedQueue<>();

  /** Something to be done with the file. */
  @FunctionalInterface
  interface Work<T> {
    T on(EntryFile file) throws DiskException;
  }

  private record Order<T>(Work<T> work, Promise<T> done) {
    void execute(EntryFile file) throws DiskException {
      try {
        done.tryComplete(work.on(file));
      } catch (DiskException | RuntimeException failure) {
        done.tryFail(failure);
        throw failure;
      }
    }
  }

  /** Has this done soon. */
  <T> Future<T> add(Work<T> work) {
    Promise<T> done = Promise.promise();
    waiting.add(new Order<>(work, done));
    return done.future();
  }

  /** Does what waits; what follows a failure waits on. */
  void execute(EntryFile file) throws DiskException {
    for (Order<?> next = waiting.poll(); next != null; next = waiting.poll()) {
      next.execute(file);
    }
  }

  /** Nothing that waits can be done. */
  void refuse(DiskException why) {
    for (Order<?> next = waiting.poll(); next != null; next = waiting.poll()) {
      next.done.tryFail(why);
    }
  }
}
