package dev.refrain.flight.fleet;

import dev.refrain.flight.fleet.FleetCoalescer.FleetSettings;
import dev.refrain.flight.fleet.Leases.Lease;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Publishes a call of this replica to the fleet and renews its lease. No request waits for it: what
 * cannot be published in time is dropped, and the followers are notified or detect it.
 *
 * <p>It joins a stream as one more reader and never holds it back. Frames published together are
 * one message; without followers they are buffered, as {@link PublishBuffer} describes. The last of
 * an answer and its end are one command.
 *
 * <p>Lives on one event loop. Memory: published bytes that Redis has not accepted yet, at most
 * {@link #WINDOW} and one message, and the pending frames.
 */
final class FleetPublisher implements Frames.Reader {
  /** Published bytes that Redis has not accepted yet. */
  private static final long WINDOW = 1024 * 1024;

  /** Least time between two messages of white space: clients and proxies wait longer than this. */
  private static final long SPACE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Vertx vertx;
  private final Context loop;
  private final FleetFlight flight;
  private final Leases leases;
  private final FleetSettings settings;
  private final Cancellation tap = new Cancellation();
  private final Promise<Void> done = Promise.promise();
  private final long renewal;
  private final PublishBuffer pending;

  private Streamed answer;
  private long number;
  private long published;
  private long underWay;
  private boolean spaced;
  private long spacedAt;
  private boolean over;

  /**
   * A publisher that holds the lease, or may hold it: then the first write shows whether it does.
   */
  FleetPublisher(Vertx vertx, FleetFlight flight, Leases leases, FleetSettings settings) {
    this.vertx = vertx;
    this.loop = vertx.getOrCreateContext();
    this.flight = flight;
    this.leases = leases;
    this.settings = settings;
    this.renewal = vertx.setPeriodic(Math.max(1, settings.lease().toMillis() / 3), due -> renew());
    this.pending = new PublishBuffer(PublishBuffer.Time.of(vertx), this::flush);
  }

  /** Succeeds when publishing has ended. */
  Future<Void> done() {
    return done.future();
  }

  private void renew() {
    leases.renew(flight).onComplete(this::received);
  }

  /** Redis replied. Without the lease, or without a reply, publishing ends. */
  private void received(Lease lease, Throwable cause) {
    if (cause != null || lease == Lease.LOST) {
      stop();
    } else if (lease == Lease.FOLLOWED) {
      pending.followed();
    }
  }

  private void stop() {
    over = true;
    vertx.cancelTimer(renewal);
    tap.cancel();
    pending.drop();
    done.tryComplete();
  }

  /** The call was cancelled, or this replica stops. Another replica may make the call. */
  void abandon() {
    finish(false, new FleetMessage.Abandoned());
  }

  /** The call failed. */
  void failed(Throwable cause) {
    finish(false, ending(Failure.from(cause)));
  }

  // Cancellation and overload concern only this replica.
  private static FleetMessage.Ending ending(Failure failure) {
    boolean own =
        failure.kind() == Failure.Kind.CANCELLED || failure.kind() == Failure.Kind.OVERLOADED;
    return own ? new FleetMessage.Abandoned() : new FleetMessage.Failed(failure);
  }

  /** The listener of the request that the call is made for; also publishes white space. */
  RequestListener listener(RequestListener next) {
    return new RequestListener() {
      @Override
      public void step(Step step, String whom) {
        next.step(step, whom);
      }

      @Override
      public void whitespace(Whole beginning) {
        next.whitespace(beginning);
        space(beginning);
      }
    };
  }

  private void space(Whole beginning) {
    long now = System.nanoTime();
    if (over || underWay > WINDOW || spaced && now - spacedAt < SPACE_NANOS) {
      return;
    }
    spaced = true;
    spacedAt = now;
    publish(new FleetMessage.Whitespace(beginning.head(), beginning.body().getBuffer(0, 1)));
  }

  /** The call is answered. */
  void answered(InferenceResponse response) {
    if (over) {
      return;
    }
    if (response instanceof Streamed streamed) {
      stream(streamed);
    } else {
      whole((Whole) response);
    }
  }

  private void whole(Whole whole) {
    boolean shareable = !whole.head().ok() || whole.entry().succeeded();
    if (!shareable || whole.body().length() > settings.bound()) {
      withdraw();
      return;
    }
    finish(
        whole.head().ok(),
        new FleetMessage.Whole(flight.fingerprint(), whole.head(), whole.body()));
  }

  private void stream(Streamed streamed) {
    answer = streamed;
    publish(new FleetMessage.Begin(flight.fingerprint(), streamed.head()));
    pending.rest();
    Optional<Frames> frames = streamed.frames().join(true, tap);
    if (frames.isEmpty()) {
      withdraw();
      return;
    }
    // In a later turn: requests that waited for the answer join first.
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
      pending.add(frame);
    }
  }

  private void flush() {
    if (over || pending.isEmpty()) {
      return;
    }
    if (isTooMuch()) {
      withdraw();
      return;
    }
    publish(new FleetMessage.Batch(pending.take()));
  }

  private boolean isTooMuch() {
    return published + pending.bytes() > settings.bound() || underWay > WINDOW;
  }

  @Override
  public void end() {
    last(new FleetMessage.Complete(), answer.entry().succeeded());
  }

  @Override
  public void fail(Failure failure) {
    last(ending(failure), false);
  }

  private void last(FleetMessage.Ending ending, boolean followable) {
    if (pending.isEmpty()) {
      finish(followable, ending);
    } else if (isTooMuch()) {
      withdraw();
    } else {
      finish(followable, new FleetMessage.Batch(pending.take()), ending);
    }
  }

  private void withdraw() {
    finish(false, new FleetMessage.Withdrawn());
  }

  private void publish(FleetMessage message) {
    if (over) {
      return;
    }
    Buffer bytes = FleetMessageCodec.encode(message);
    published += bytes.length();
    underWay += bytes.length();
    leases
        .publish(flight, ++number, bytes)
        .onComplete(
            (lease, cause) -> {
              underWay -= bytes.length();
              received(lease, cause);
            });
  }

  private void finish(boolean followable, FleetMessage... last) {
    if (over) {
      return;
    }
    over = true;
    List<Buffer> items = Stream.of(last).map(FleetMessageCodec::encode).toList();
    leases.finish(flight, number + 1, items, followable).onComplete((lease, cause) -> stop());
  }
}
