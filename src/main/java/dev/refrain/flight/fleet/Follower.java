package dev.refrain.flight.fleet;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Provenance;
import dev.refrain.completion.Wait;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * A call of another replica, followed from its beginning.
 *
 * <p>Whether the leader lives is asked when the lease, as last seen, would run out; that is one
 * command for most of a lease, whatever else is told. What ends the following without an ending
 * told: a lease that is gone, Redis silent for a lease, patience at its end, and any doubt about
 * what was read.
 *
 * <p>Lives on one event loop. Memory: what is told, at most twice the bound of one call.
 */
final class Follower {
  /** How soon to look again whether all is read that was told before a lease was gone; in ms. */
  private static final long GRACE = 100;

  /** Clocks of timers are coarse; in milliseconds. */
  private static final long SLACK = 20;

  /** Reads frames that may break off without the call having failed. */
  interface Reader extends Frames.Reader {
    /**
     * The leader is gone. No call follows.
     *
     * @param withdrawn whether the answer is not one to be shared
     */
    void lost(boolean withdrawn);
  }

  private final Vertx vertx;
  private final Voyage voyage;
  private final Leases leases;
  private final Lane source;
  private final FleetSettings settings;
  private final Promise<Item> first = Promise.promise();
  private final Queue<Frame> arrived = new ArrayDeque<>();
  private final long begin = System.nanoTime();

  private Reader reader;
  private Item.Ending ending;
  private boolean paused;
  private boolean delivering;
  private boolean left;

  private long position;
  private long bytes;
  private long lastSign = begin;
  // The reads begun when the lease was first seen gone; below zero while it is there.
  private long goneAt = -1;
  private long timer;

  Follower(Vertx vertx, Voyage voyage, Leases leases, Lane source, FleetSettings settings) {
    this.vertx = vertx;
    this.voyage = voyage;
    this.leases = leases;
    this.source = source;
    this.settings = settings;
  }

  /**
   * Begins to listen.
   *
   * @return {@link Item.Begin} with frames to be read, {@link Item.Whole}, or {@link
   *     Item.Abandoned} or {@link Item.Withdrawn} when there is nothing to follow; fails as the
   *     call did
   */
  Future<Item> follow() {
    source.add(this);
    look();
    return first.future();
  }

  String stream() {
    return voyage.stream();
  }

  /** Where what it tells comes from: all of the following is waiting for the upstream. */
  Provenance provenance() {
    return Provenance.flight(Wait.since(begin));
  }

  /** When the leader began, in milliseconds of the epoch and by its clock. */
  long askedAt() {
    return voyage.begin();
  }

  /** Number of the last item taken. */
  long position() {
    return position;
  }

  boolean isListening() {
    return !paused && !isOver();
  }

  private boolean isOver() {
    return ending != null || left;
  }

  /** Listens no more; nothing is delivered any more. */
  void leave() {
    left = true;
    stop();
    first.tryFail(Failure.of(Failure.Kind.CANCELLED, "nobody wants the answer any more"));
  }

  private void stop() {
    source.remove(this);
    vertx.cancelTimer(timer);
  }

  /** What was read cannot be what a leader told. */
  void distrust() {
    over(new Item.Withdrawn());
  }

  /** The next item as it stands in the stream. */
  void item(long number, byte[] value) {
    if (isOver() || number <= position) {
      return;
    }
    bytes += value.length;
    Optional<Item> item = ItemCodec.decode(value);
    if (number != position + 1 || item.isEmpty() || bytes > 2L * settings.bound() + 65_536) {
      distrust();
      return;
    }
    position = number;
    lastSign = System.nanoTime();
    goneAt = -1;
    take(item.get());
  }

  private void take(Item item) {
    boolean begun = first.future().isComplete();
    if (item instanceof Item.Begin begin && !begun && isAsked(begin.fingerprint())) {
      first.complete(begin);
    } else if (item instanceof Item.Whole whole && !begun && isAsked(whole.fingerprint())) {
      first.complete(whole);
      over(new Item.Complete());
    } else if (item instanceof Item.Batch batch && begun) {
      arrived.addAll(batch.frames());
      advance();
    } else if (item instanceof Item.Ending end) {
      over(end);
    } else {
      distrust();
    }
  }

  private boolean isAsked(Fingerprint fingerprint) {
    return fingerprint.equals(voyage.fingerprint());
  }

  private void over(Item.Ending how) {
    if (isOver()) {
      return;
    }
    ending = how;
    stop();
    if (how instanceof Item.Failed failed) {
      first.tryFail(failed.failure());
    } else {
      first.tryComplete(how instanceof Item.Complete ? new Item.Withdrawn() : how);
    }
    advance();
  }

  /** Looks whether the leader lives, and when to look again. */
  private void look() {
    leases.left(voyage).onComplete(this::seen);
  }

  private void seen(Long millis, Throwable cause) {
    if (isOver()) {
      return;
    }
    long lease = settings.lease().toMillis();
    boolean alive = cause == null && millis > 0;
    if (alive) {
      lastSign = System.nanoTime();
      goneAt = -1;
    }
    if (isHopeless(cause == null && !alive)) {
      over(new Item.Abandoned());
    } else if (since(begin) > settings.patience().toMillis()) {
      over(new Item.Withdrawn());
    } else if (alive) {
      again(Math.min(millis, lease) + SLACK);
    } else {
      again(cause == null ? GRACE : Math.max(1, lease / 5));
    }
  }

  private boolean isHopeless(boolean gone) {
    long lease = settings.lease().toMillis();
    boolean deaf = !paused && since(source.lastRead()) > lease;
    return (gone && isReadToItsEnd()) || since(lastSign) > lease || deaf;
  }

  /** Whether all was read that a leader can have told who has lost its lease or given it back. */
  private boolean isReadToItsEnd() {
    if (goneAt < 0) {
      goneAt = source.begun();
    }
    return source.answered() > goneAt;
  }

  private void again(long millis) {
    timer = vertx.setTimer(millis, due -> look());
  }

  private static long since(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1_000_000;
  }

  /** Begins the delivery, to a reader who minds a loss. */
  void read(Reader to) {
    reader = to;
    advance();
  }

  void pause() {
    paused = true;
  }

  void resume() {
    paused = false;
    lastSign = System.nanoTime();
    advance();
    if (isListening()) {
      source.wake();
    }
  }

  private void advance() {
    if (delivering || reader == null) {
      return; // a reader that resumes within its own call is served by the loop below
    }
    delivering = true;
    while (!paused && !left && !arrived.isEmpty()) {
      reader.frame(arrived.remove());
    }
    delivering = false;
    if (!paused && !left && ending != null && arrived.isEmpty()) {
      left = true;
      finish();
    }
  }

  private void finish() {
    if (ending instanceof Item.Complete) {
      reader.end();
    } else if (ending instanceof Item.Failed failed) {
      reader.fail(failed.failure());
    } else {
      reader.lost(ending instanceof Item.Withdrawn);
    }
  }
}
