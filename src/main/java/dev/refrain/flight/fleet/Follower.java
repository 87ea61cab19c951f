package dev.refrain.flight.fleet;

import dev.refrain.flight.fleet.FleetCoalescer.FleetSettings;
import dev.refrain.inference.Delivery;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * Follows a call of another replica from its beginning.
 *
 * <p>Whether the leader lives is asked when the lease, as last seen, would run out; that is one
 * command in most of a lease, whatever is published. Following ends without an ending message when
 * the lease is gone, when Redis is silent for a lease, when the patience is over, and at any doubt
 * about a message.
 *
 * <p>Lives on one event loop. Memory: published messages, at most twice the limit of one call.
 */
final class Follower {
  /**
   * Delay before checking again whether everything published before the loss of a lease was read;
   * in ms.
   */
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
  private final FleetFlight flight;
  private final Leases leases;
  private final SlotPoller source;
  private final FleetSettings settings;
  private final RequestListener listener;
  private final Promise<FleetMessage> first = Promise.promise();
  private final Queue<Frame> arrived = new ArrayDeque<>();
  private final long begin = System.nanoTime();

  private Reader reader;
  private FleetMessage.Ending ending;
  private final Delivery delivery = new Delivery(this::deliver, this::fail);
  private boolean left;

  private long position;
  private long bytes;
  private long lastSign = begin;
  // The reads begun when the lease was first seen gone; below zero while it is there.
  private long goneAt = -1;
  private long timer;

  /**
   * Follows this call.
   *
   * @param listener receives the white space that keeps the call alive
   */
  Follower(
      Vertx vertx,
      FleetFlight flight,
      Leases leases,
      SlotPoller source,
      FleetSettings settings,
      RequestListener listener) {
    this.vertx = vertx;
    this.flight = flight;
    this.leases = leases;
    this.source = source;
    this.settings = settings;
    this.listener = listener;
  }

  /**
   * Begins to listen.
   *
   * @return {@link FleetMessage.Begin} with frames to be read, {@link FleetMessage.Whole}, or
   *     {@link FleetMessage.Abandoned} or {@link FleetMessage.Withdrawn} when there is nothing to
   *     follow; fails as the call did
   */
  Future<FleetMessage> follow() {
    source.add(this);
    look();
    return first.future();
  }

  String stream() {
    return flight.stream();
  }

  /** Provenance of its frames: following counts as waiting for the upstream. */
  Provenance provenance() {
    return Provenance.flight(UpstreamTime.since(begin));
  }

  /** When the leader began, in milliseconds of the epoch and by its clock. */
  long askedAt() {
    return flight.begin();
  }

  /** Number of the last item taken. */
  long position() {
    return position;
  }

  boolean isListening() {
    return !delivery.isPaused() && !isOver();
  }

  private boolean isOver() {
    return ending != null || left;
  }

  /** Listens no more; nothing is delivered any more. */
  void leave() {
    left = true;
    stop();
    first.tryFail(Failure.of(Failure.Kind.CANCELLED, "the client cancelled the request"));
  }

  private void stop() {
    source.remove(this);
    vertx.cancelTimer(timer);
  }

  /** The messages cannot come from a leader. */
  void distrust() {
    over(new FleetMessage.Withdrawn());
  }

  /** The next item as it stands in the stream. */
  void item(long number, byte[] value) {
    if (isOver() || number <= position) {
      return;
    }
    bytes += value.length;
    Optional<FleetMessage> message = FleetMessageCodec.decode(value);
    if (number != position + 1 || message.isEmpty() || bytes > 2L * settings.bound() + 65_536) {
      distrust();
      return;
    }
    position = number;
    lastSign = System.nanoTime();
    goneAt = -1;
    take(message.get());
  }

  private void take(FleetMessage message) {
    boolean begun = first.future().isComplete();
    if (message instanceof FleetMessage.Begin begin && !begun && isAsked(begin.fingerprint())) {
      first.complete(begin);
    } else if (message instanceof FleetMessage.Whole whole
        && !begun
        && isAsked(whole.fingerprint())) {
      first.complete(whole);
      over(new FleetMessage.Complete());
    } else if (message instanceof FleetMessage.Whitespace space && !begun) {
      listener.whitespace(Whole.notStorable(space.head(), space.body()).from(provenance()));
    } else if (message instanceof FleetMessage.Batch batch && begun) {
      arrived.addAll(batch.frames());
      delivery.advance();
    } else if (message instanceof FleetMessage.Ending end) {
      over(end);
    } else {
      distrust();
    }
  }

  private boolean isAsked(Fingerprint fingerprint) {
    return fingerprint.equals(flight.fingerprint());
  }

  private void over(FleetMessage.Ending how) {
    if (isOver()) {
      return;
    }
    ending = how;
    stop();
    if (how instanceof FleetMessage.Failed failed) {
      first.tryFail(failed.failure());
    } else {
      first.tryComplete(how instanceof FleetMessage.Complete ? new FleetMessage.Withdrawn() : how);
    }
    delivery.advance();
  }

  /** Looks whether the leader lives, and when to look again. */
  private void look() {
    leases.left(flight).onComplete(this::seen);
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
      over(new FleetMessage.Abandoned());
    } else if (since(begin) > settings.patience().toMillis()) {
      over(new FleetMessage.Withdrawn());
    } else if (alive) {
      again(Math.min(millis, lease) + SLACK);
    } else {
      again(cause == null ? GRACE : Math.max(1, lease / 5));
    }
  }

  private boolean isHopeless(boolean gone) {
    long lease = settings.lease().toMillis();
    boolean deaf = !delivery.isPaused() && since(source.lastRead()) > lease;
    return (gone && isReadToItsEnd()) || since(lastSign) > lease || deaf;
  }

  /**
   * Whether everything was read that a leader can have published before it lost or released its
   * lease.
   */
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

  /** Begins the delivery to a reader that must not lose frames. */
  void read(Reader to) {
    reader = to;
    delivery.advance();
  }

  void pause() {
    delivery.pause();
  }

  void resume() {
    lastSign = System.nanoTime();
    delivery.resume();
    if (isListening()) {
      source.wake();
    }
  }

  private boolean deliver() {
    if (left || reader == null) {
      return false;
    }
    if (!arrived.isEmpty()) {
      reader.frame(arrived.remove());
      return true;
    }
    if (ending != null) {
      left = true;
      finish();
    }
    return false;
  }

  private boolean fail(Failure defect) {
    if (left) {
      return false;
    }
    leave();
    arrived.clear();
    reader.fail(defect);
    return true;
  }

  private void finish() {
    if (ending instanceof FleetMessage.Complete) {
      reader.end();
    } else if (ending instanceof FleetMessage.Failed failed) {
      reader.fail(failed.failure());
    } else {
      reader.lost(ending instanceof FleetMessage.Withdrawn);
    }
  }
}
