package dev.refrain.flight.fleet;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.Completion;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;
import dev.refrain.completion.Streamed;
import dev.refrain.completion.Whole;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Tells the fleet about a call that this replica makes, and keeps the lease meanwhile. Nobody waits
 * for it: what cannot be told in time is not told, and the followers learn that or find out.
 *
 * <p>It joins a stream as one more reader and never holds it back. Frames told together are one
 * item; while nobody follows they are gathered, as {@link Untold} says. The last of an answer and
 * its end are one command.
 *
 * <p>Lives on one event loop. Memory: what is told and not yet taken, at most {@link #WINDOW} and
 * one item, and what is untold.
 */
final class Relay implements Frames.Reader {
  /** Bytes told that Redis has not taken yet. */
  private static final long WINDOW = 1024 * 1024;

  private final Vertx vertx;
  private final Context loop;
  private final Voyage voyage;
  private final Leases leases;
  private final FleetSettings settings;
  private final Cancellation tap = new Cancellation();
  private final Promise<Void> done = Promise.promise();
  private final long renewal;
  private final Untold untold;

  private Streamed answer;
  private long number;
  private long told;
  private long underWay;
  private boolean over;

  /** A relay that holds the lease, or may hold it: then the first write tells. */
  Relay(Vertx vertx, Voyage voyage, Leases leases, FleetSettings settings) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.voyage = voyage;
    this.leases = leases;
    this.settings = settings;
    this.renewal = vertx.setPeriodic(Math.max(1, settings.lease().toMillis() / 3), due -> renew());
    this.untold = new Untold(Untold.Time.of(vertx), this::flush);
  }

  /** Succeeds when nothing is told any more. */
  Future<Void> done() {
    return done.future();
  }

  private void renew() {
    leases.renew(voyage).onComplete(this::heard);
  }

  /** Redis answered: without the lease, or without an answer, the telling is over. */
  private void heard(Lease lease, Throwable cause) {
    if (cause != null || lease == Lease.LOST) {
      stop();
    } else if (lease == Lease.FOLLOWED) {
      untold.followed();
    }
  }

  private void stop() {
    over = true;
    vertx.cancelTimer(renewal);
    tap.cancel();
    untold.drop();
    done.tryComplete();
  }

  /** The call was cancelled, or this replica stops: somebody else may make the call. */
  void abandon() {
    finish(false, new Item.Abandoned());
  }

  /** The call failed. */
  void failed(Throwable cause) {
    finish(false, ending(Failure.from(cause)));
  }

  // That nobody here wants it, or that there is no room here, is nobody's fate but our own.
  private static Item.Ending ending(Failure failure) {
    boolean own =
        failure.kind() == Failure.Kind.CANCELLED || failure.kind() == Failure.Kind.OVERLOADED;
    return own ? new Item.Abandoned() : new Item.Failed(failure);
  }

  /** The call is answered. */
  void answered(Completion completion) {
    if (over) {
      return;
    }
    if (completion instanceof Streamed streamed) {
      stream(streamed);
    } else {
      whole((Whole) completion);
    }
  }

  private void whole(Whole whole) {
    boolean shareable = !whole.head().ok() || whole.entry().succeeded();
    if (!shareable || whole.body().length() > settings.bound()) {
      withdraw();
      return;
    }
    finish(whole.head().ok(), new Item.Whole(voyage.fingerprint(), whole.head(), whole.body()));
  }

  private void stream(Streamed streamed) {
    answer = streamed;
    tell(new Item.Begin(voyage.fingerprint(), streamed.head()));
    untold.rest();
    Optional<Frames> frames = streamed.live().open(true, tap);
    if (frames.isEmpty()) {
      withdraw();
      return;
    }
    // In a turn to come: first those join who have waited for the answer.
    loop.runOnContext(
        later -> {
          if (!over) {
            frames.get().read(this);
          }
        });
  }

  @Override
  public void frame(Frame frame) {
    if (!over) {
      untold.add(frame);
    }
  }

  private void flush() {
    if (over || untold.isEmpty()) {
      return;
    }
    if (isTooMuch()) {
      withdraw();
      return;
    }
    tell(new Item.Batch(untold.take()));
  }

  private boolean isTooMuch() {
    return told + untold.bytes() > settings.bound() || underWay > WINDOW;
  }

  @Override
  public void end() {
    last(new Item.Complete(), answer.entry().succeeded());
  }

  @Override
  public void fail(Failure failure) {
    last(ending(failure), false);
  }

  private void last(Item.Ending ending, boolean followable) {
    if (untold.isEmpty()) {
      finish(followable, ending);
    } else if (isTooMuch()) {
      withdraw();
    } else {
      finish(followable, new Item.Batch(untold.take()), ending);
    }
  }

  private void withdraw() {
    finish(false, new Item.Withdrawn());
  }

  private void tell(Item item) {
    if (over) {
      return;
    }
    Buffer bytes = ItemCodec.encode(item);
    told += bytes.length();
    underWay += bytes.length();
    leases
        .tell(voyage, ++number, bytes)
        .onComplete(
            (lease, cause) -> {
              underWay -= bytes.length();
              heard(lease, cause);
            });
  }

  private void finish(boolean followable, Item... last) {
    if (over) {
      return;
    }
    over = true;
    List<Buffer> items = Stream.of(last).map(ItemCodec::encode).toList();
    leases.finish(voyage, number + 1, items, followable).onComplete((lease, cause) -> stop());
  }
}
