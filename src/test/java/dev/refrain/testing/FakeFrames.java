package dev.refrain.testing;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * A stream played by hand. What is offered while the reader holds it back waits, as the contract of
 * {@link Frames} wants it; endings wait too.
 */
public final class FakeFrames implements Frames {
  private final Queue<Consumer<Reader>> due = new ArrayDeque<>();
  private Reader reader;
  private boolean paused;
  private boolean delivering;
  private int pauses;
  private int resumes;

  /** A frame with this text as its data. */
  public static Frame data(String text) {
    return Frame.of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A frame without data. */
  public static Frame comment(String text) {
    byte[] bytes = (": " + text + "\n\n").getBytes(StandardCharsets.UTF_8);
    return new Frame(bytes, bytes, 0, 0);
  }

  /** Offers frames with these texts. */
  public FakeFrames offer(String... texts) {
    for (String text : texts) {
      offer(data(text));
    }
    return this;
  }

  /** Offers a frame. */
  public FakeFrames offer(Frame frame) {
    return play(to -> to.frame(frame));
  }

  /** Ends well. */
  public FakeFrames end() {
    return play(Reader::end);
  }

  /** Breaks off. */
  public FakeFrames fail(Failure failure) {
    return play(to -> to.fail(failure));
  }

  private FakeFrames play(Consumer<Reader> what) {
    due.add(what);
    deliver();
    return this;
  }

  @Override
  public void read(Reader to) {
    if (reader != null) {
      throw new IllegalStateException("read twice");
    }
    reader = to;
    deliver();
  }

  @Override
  public void pause() {
    paused = true;
    pauses++;
  }

  @Override
  public void resume() {
    paused = false;
    resumes++;
    deliver();
  }

  private void deliver() {
    if (delivering) {
      return;
    }
    delivering = true;
    while (reader != null && !paused && !due.isEmpty()) {
      due.remove().accept(reader);
    }
    delivering = false;
  }

  /** Whether somebody reads. */
  public boolean isRead() {
    return reader != null;
  }

  /** Whether the reader holds it back. */
  public boolean isPaused() {
    return paused;
  }

  /** What was offered and could not be delivered. */
  public int waiting() {
    return due.size();
  }

  /** How often it was paused. */
  public int pauses() {
    return pauses;
  }

  /** How often it was resumed. */
  public int resumes() {
    return resumes;
  }
}
