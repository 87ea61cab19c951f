package dev.refrain.flight;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Frames;

/** Reads a stream to its end for the sake of those who wait for the end. */
public final class Unheard implements Frames.Reader {
  @Override
  public void frame(Frame frame) {
    // the recording remembers it
  }

  @Override
  public void end() {
    // the entry tells of it
  }

  @Override
  public void fail(Failure failure) {
    // so it does of this
  }
}
