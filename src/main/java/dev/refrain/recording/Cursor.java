package dev.refrain.recording;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Delivery;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.recording.Recording.FrameFilter;
import java.util.Optional;

/** One reader's place in a {@link Recording}. Lives on the recording's event loop. */
final class Cursor implements Frames {
  private final Recording recording;
  private final FrameFilter frameFilter;
  private Reader reader;
  private long position;
  private final Delivery delivery = new Delivery(this::deliver, this::fail);
  private boolean over;

  Cursor(Recording recording, FrameFilter frameFilter) {
    this.recording = recording;
    this.frameFilter = frameFilter;
  }

  @Override
  public void read(Reader to) {
    reader = to;
    recording.begin(this);
    advance();
  }

  @Override
  public void pause() {
    delivery.pause();
  }

  @Override
  public void resume() {
    if (delivery.resume()) {
      recording.moved();
    }
  }

  @Override
  public Optional<Frames> join(boolean usage, Cancellation cancellation) {
    return recording.join(usage, cancellation);
  }

  /** Leaves; nothing is delivered any more. */
  void leave() {
    over = true;
    recording.left(this);
  }

  /** Whether it left or came to the end: it counts no more. */
  boolean hasLeft() {
    return over;
  }

  /** Index of the next frame to be read, counted from the beginning of the recording. */
  long position() {
    return position;
  }

  /** Delivers what is there, until the reader pauses or has caught up. */
  void advance() {
    if (delivery.advance()) {
      recording.moved();
    }
  }

  private boolean deliver() {
    if (over || reader == null) {
      return false;
    }
    if (position < recording.tip()) {
      if (isHeld()) {
        return false;
      }
      Frame frame = recording.frame(position++);
      frameFilter.of(frame).map(this::beforeNext).ifPresent(reader::frame);
      return true;
    }
    if (recording.isOver()) {
      finish();
    }
    return false;
  }

  private boolean fail(Failure defect) {
    if (over) {
      return false;
    }
    leave();
    reader.fail(defect);
    return true;
  }

  // Not past the bound, where the source may wait until the frame is taken.
  private boolean isHeld() {
    return position + 1 == recording.tip()
        && !recording.isOver()
        && !recording.isClosed()
        && frameFilter.isHeld();
  }

  private Frame beforeNext(Frame frame) {
    return position < recording.tip() && frameFilter.isHeld()
        ? frameFilter.before(frame, recording.frame(position))
        : frame;
  }

  private void finish() {
    over = true;
    recording.left(this);
    Failure failure = recording.failure();
    if (failure == null) {
      reader.end();
    } else {
      reader.fail(failure);
    }
  }
}
