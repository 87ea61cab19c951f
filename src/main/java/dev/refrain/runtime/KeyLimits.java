package dev.refrain.runtime;

import dev.refrain.keys.Keyring;
import dev.refrain.keys.fleet.SharedBudgets;
import dev.refrain.keys.fleet.SharedLimits;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * The rate limits and budgets of this process's keys: shared with other replicas through Redis
 * where there is one; what was spent is kept on the disk where there is one.
 */
public final class KeyLimits {
  /** From one write of what was spent to the next, if there is something new. */
  private static final long SAVE_MILLIS = 1_000;

  private final AtomicBoolean taken = new AtomicBoolean();
  private final Optional<SpendingFile> file;
  private volatile Keyring keyring;
  private volatile Runnable close = () -> {};
  private volatile Supplier<Future<Void>> stop = Future::succeededFuture;

  /**
   * The limits of the first generation, with what is known of them. Blocks.
   *
   * @param folder of the disk tier, if there is one
   */
  public KeyLimits(Keyring keyring, Optional<Path> folder) {
    this.keyring = keyring;
    this.file = folder.map(SpendingFile::new);
    save();
  }

  /** Adopts the keys of another generation. */
  public void adopt(Keyring news) {
    keyring = news;
  }

  /** Counts together with other replicas, on the first event loop that asks for it. */
  public void connect(Vertx vertx, RedisLink link, String prefix) {
    if (taken.compareAndSet(false, true)) {
      SharedLimits limits = new SharedLimits(vertx, link, prefix, () -> keyring.keyLimits());
      SharedBudgets budgets = new SharedBudgets(vertx, link, prefix, () -> keyring.spendings());
      close =
          () -> {
            limits.close();
            budgets.close();
          };
    }
  }

  /** Writes what was spent to the disk once a second, if there is one, until it is closed. */
  public void keep(Vertx vertx) {
    if (file.isPresent()) {
      long timer = vertx.setPeriodic(SAVE_MILLIS, due -> save(vertx));
      stop =
          () -> {
            vertx.cancelTimer(timer);
            return save(vertx);
          };
    }
  }

  private Future<Void> save(Vertx vertx) {
    return vertx.executeBlocking(
        () -> {
          save();
          return null;
        });
  }

  private void save() {
    file.ifPresent(there -> there.sync(keyring.spendings()));
  }

  /** Counts no more with others, and writes what was spent for the last time. */
  public Future<Void> close() {
    close.run();
    return stop.get();
  }
}
