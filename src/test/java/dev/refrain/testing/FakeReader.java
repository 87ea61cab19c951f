package dev.refrain.testing;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writes down what it reads, and does what a test tells it to at each frame. */
public final class FakeReader implements Frames.Reader {
  private final List<String> texts = new ArrayList<>();
  private Consumer<String> then = text -> {};
  private int ends;
  private Failure failure;

  /** Does {@code what} within the call that brings each frame. */
  public FakeReader then(Consumer<String> what) {
    then = what;
    return this;
  }

  @Override
  public void frame(Frame frame) {
    if (ends > 0) {
      throw new AssertionError("a frame after the end");
    }
    String text = frame.isComment() ? ":" : frame.text();
    texts.add(text);
    then.accept(text);
  }

  @Override
  public void end() {
    ends++;
  }

  @Override
  public void fail(Failure why) {
    ends++;
    failure = why;
  }

  /** The data of the frames so far; a comment is ":". */
  public List<String> texts() {
    return List.copyOf(texts);
  }

  /** How often it was told of an ending; more than once is a defect. */
  public int ends() {
    return ends;
  }

  /** Why the stream broke off, or null. */
  public Failure failure() {
    return failure;
  }
}
