package dev.refrain.flight;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;

/** Reads a stream to its end on behalf of requests that need the complete answer. */
public final class DrainReader implements Frames.Reader {
  private final Runnable over;

  /** Reads on behalf of requests that wait for the entry. */
  public DrainReader() {
    this(() -> {});
  }

  /** The same, with an action to run at the end. */
  DrainReader(Runnable over) {
    this.over = over;
  }

  @Override
  public void frame(Frame frame) {
    // the recording remembers it
  }

  @Override
  public void end() {
    over.run(); // the entry reports the outcome
  }

  @Override
  public void fail(Failure failure) {
    over.run(); // so it does of this
  }
}
