package dev.refrain.runtime;

import dev.refrain.cache.FleetClock;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.redis.PurgeBoard;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Purge;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.management.PurgeAction;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Purges: applied to this process, counted, and published to the other replicas. */
public final class PurgeService implements PurgeAction {
  /**
   * By how much the corrected clocks of replicas may differ. A purge reaches so far into the
   * future; what is requested meanwhile is answered and not kept.
   */
  public static final Duration SKEW = FleetClock.TOLERANCE;

  private final PurgeMarks purgeMarks;
  private final ToLongFunction<Purge> covered;
  private final Supplier<Future<Void>> durable;
  private final boolean shared;
  private final Observer observer;
  private final AtomicBoolean taken = new AtomicBoolean();
  private final Promise<Void> known = Promise.promise();
  private volatile PurgeBoard board;
  private volatile FieldRoles roles;

  /**
   * Purges of the marks in {@code purgeMarks}.
   *
   * @param covered how many stored answers a purge makes unusable
   * @param durable succeeds once the marks so far survive a restart
   * @param shared whether there are other replicas, and a board to come
   * @param roles by which callers are known
   */
  public PurgeService(
      PurgeMarks purgeMarks,
      ToLongFunction<Purge> covered,
      Supplier<Future<Void>> durable,
      boolean shared,
      FieldRoles roles,
      Observer observer) {
    this.covered = covered;
    this.durable = durable;
    this.roles = roles;
    this.purgeMarks = purgeMarks;
    this.shared = shared;
    this.observer = observer;
    purgeMarks.complete(!shared);
  }

  /** Takes the board that the first event loop makes; the others need not make any. */
  public void connect(Supplier<PurgeBoard> first) {
    if (taken.compareAndSet(false, true)) {
      board = first.get();
      board.known().onSuccess(known::tryComplete);
    }
  }

  /** Succeeds once the purges of other replicas are known; before, nothing is shared with them. */
  public Future<Void> known() {
    return known.future();
  }

  /** Knows callers by these roles from now on. */
  public void roles(FieldRoles known) {
    roles = known;
  }

  @Override
  public FieldRoles roles() {
    return roles;
  }

  @Override
  public Future<Done> purge(Purge what) {
    long entries = covered.applyAsLong(what);
    long now = purgeMarks.now();
    purgeMarks.add(what, shared ? now + SKEW.toMillis() : now);
    observer.purged(what.by());
    return reach()
        .compose(reach -> durable.get().map(reach).otherwise(Reach.PENDING))
        .map(reach -> new Done(reach, entries));
  }

  private Future<Reach> reach() {
    if (!shared) {
      return Future.succeededFuture(Reach.HERE);
    }
    PurgeBoard there = board;
    return there == null
        ? Future.succeededFuture(Reach.PENDING)
        : there.publish().map(Reach.EVERYWHERE).otherwise(Reach.PENDING);
  }

  /** Reads the board no more. */
  public void close() {
    PurgeBoard there = board;
    if (there != null) {
      there.close();
    }
  }
}
