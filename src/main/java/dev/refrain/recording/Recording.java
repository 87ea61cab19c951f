package dev.refrain.recording;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.memory.Reservation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stream that is recorded while it is read. Within its bound it takes frames as fast as they come
 * and remembers them all; past it, or where the memory budget has no room for more, it forgets what
 * everybody has read, takes no more readers, and holds its source back so that the slowest reader
 * is never more than the bound behind.
 *
 * <p>Lives on one event loop. Memory: at most the bound and one chunk of the source.
 */
public final class Recording implements Frames.Reader {
  /** Bytes that are remembered for the slowest reader when there is no memory for more. */
  private static final int WITHOUT_MEMORY = 64 * 1024;

  private final Frames source;
  private final FrameFilter withoutUsage;
  private final int bound;
  private int most;
  private final Recordings all;
  private final Reservation memory;
  private final Promise<Buffer> recorded = Promise.promise();
  private final List<Cursor> cursors = new ArrayList<>(1);
  // A deque indexed from `first`: frames are appended at its end and forgotten at its beginning.
  private final FrameQueue frames = new FrameQueue();

  private boolean begun;
  private boolean closed;
  private boolean sourcePaused;
  private boolean over;
  private boolean cancelled;
  private Failure failure;
  private long published;

  /** A recording of a source that is not read yet. */
  public Recording(Frames source, int bound) {
    this(source, bound, FrameFilter.FULL, new Recordings());
  }

  /**
   * The same, that counts among others while it goes on.
   *
   * @param withoutUsage for readers that did not ask for usage
   */
  Recording(Frames source, int bound, FrameFilter withoutUsage, Recordings all) {
    this.withoutUsage = withoutUsage;
    this.source = source;
    this.bound = bound;
    this.all = all;
    this.memory = all.reserve();
    this.most = bound;
  }

  /** A new reader at the first frame, with usage or without it, as in {@link Frames#join}. */
  Optional<Frames> join(boolean usage, Cancellation cancellation) {
    return open(usage ? FrameFilter.FULL : withoutUsage, cancellation);
  }

  /** A new reader at the first frame, or empty if that may be forgotten. */
  Optional<Frames> open(FrameFilter frameFilter, Cancellation cancellation) {
    if (closed) {
      return Optional.empty();
    }
    Cursor cursor = unopened(frameFilter, cancellation);
    if (!cursor.hasLeft()) {
      cursors.add(cursor); // a reader that left earlier would pause the source for ever
    }
    return Optional.of(cursor);
  }

  /** A reader that holds the source back only once it reads. */
  Cursor unopened(FrameFilter frameFilter, Cancellation cancellation) {
    Cursor cursor = new Cursor(this, frameFilter);
    cancellation.onCancel(cursor::leave);
    return cursor;
  }

  /**
   * All frames but comments, run together, once the source has ended within the bound. Fails with a
   * {@link Failure} if that broke off or was cancelled, and otherwise when the bound is passed.
   */
  Future<Buffer> recorded() {
    return recorded.future();
  }

  void begin(Cursor cursor) {
    if (!cursor.hasLeft() && !cursors.contains(cursor)) {
      cursors.add(cursor);
    }
    if (!begun) {
      begun = true;
      all.begun();
      source.read(this);
    }
  }

  // A stream that was read to its end, or cancelled, releases its memory.
  private void publish() {
    if (!begun || published < 0) {
      return;
    }
    boolean gone = cancelled || over && cursors.isEmpty();
    long now = gone ? 0 : frames.bytes();
    if (now != published) {
      all.remember(now - published);
      memory.shrinkTo(now);
    }
    published = now;
    if (gone) {
      published = -1;
      memory.release();
      all.ended();
    }
  }

  @Override
  public void frame(Frame frame) {
    frames.add(frame);
    if (!closed && frames.bytes() > bound) {
      close(Entry.none().cause());
    } else if (!closed && !memory.growTo(frames.bytes())) {
      most = Math.min(bound, WITHOUT_MEMORY);
      close(Entry.none().cause());
    }
    advance();
  }

  /** The call has been cancelled, which the source does not report. */
  void cancelled() {
    cancelled = true;
    publish();
    if (!over && !closed) {
      // A failure of the call, which says nothing about whether such an answer may be kept.
      close(Failure.of(Failure.Kind.CANCELLED, "the client cancelled the request"));
    }
  }

  private void close(Throwable why) {
    closed = true;
    recorded.fail(why);
  }

  @Override
  public void end() {
    over = true;
    if (!closed) {
      recorded.complete(frames.joined());
    }
    advance();
  }

  @Override
  public void fail(Failure why) {
    over = true;
    failure = why;
    if (!closed) {
      close(why);
    }
    advance();
  }

  private void advance() {
    for (Cursor cursor : List.copyOf(cursors)) {
      cursor.advance();
    }
    moved(); // also without readers, or when a reader has not begun
  }

  void left(Cursor cursor) {
    cursors.remove(cursor);
    moved();
  }

  /**
   * A reader has moved on: drop the frames that no reader needs, and resume or pause the source.
   */
  void moved() {
    publish();
    if (closed) {
      follow();
    }
  }

  private void follow() {
    long slowest = tip();
    for (Cursor cursor : cursors) {
      slowest = Math.min(slowest, cursor.position());
    }
    frames.forgetBefore(slowest);
    publish();
    if (!over && !sourcePaused && frames.bytes() > most) {
      sourcePaused = true;
      source.pause();
    } else if (!over && sourcePaused && frames.bytes() <= most / 2) {
      sourcePaused = false;
      source.resume();
    }
  }

  Frame frame(long position) {
    return frames.get(position);
  }

  /** Position after the newest frame. */
  long tip() {
    return frames.end();
  }

  /** Whether it takes no more readers, because it is past its bound or has failed. */
  boolean isClosed() {
    return closed;
  }

  boolean isOver() {
    return over;
  }

  Failure failure() {
    return failure;
  }

  /** Transforms recorded frames for one reader. */
  @FunctionalInterface
  public interface FrameFilter {
    /** Every frame as it is. */
    FrameFilter FULL = Optional::of;

    /** The frame for this reader; empty if it is not for this reader. */
    Optional<Frame> of(Frame frame);

    /** Whether a frame waits for the one behind it, or for the end of the stream. */
    default boolean isHeld() {
      return false;
    }

    /** A frame that was held, after the next one has come. */
    default Frame before(Frame held, Frame next) {
      return held;
    }
  }
}
