package dev.refrain.upstream;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Threads that do the same at the same moment. */
final class Together {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "together");
            thread.setDaemon(true);
            return thread;
          });

  private Together() {}

  /** How many of so many threads were told true. */
  static int count(int threads, Callable<Boolean> what) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<Boolean>> told = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      told.add(
          THREADS.submit(
              () -> {
                start.await(20, TimeUnit.SECONDS);
                return what.call();
              }));
    }
    int count = 0;
    for (Future<Boolean> one : told) {
      count += one.get(20, TimeUnit.SECONDS) ? 1 : 0;
    }
    return count;
  }
}
