package dev.refrain.inference;

/**
 * Delivers frames to one reader until it pauses or nothing is left. A reader that resumes within
 * its own call is served by the loop that is already running, so that the stack does not grow with
 * the stream.
 *
 * <p>Lives on one event loop.
 */
public final class Delivery {
  private final Step step;
  private boolean paused;
  private boolean running;

  /** Delivers what comes next. */
  @FunctionalInterface
  public interface Step {
    /** Delivers one frame or the ending; false if there is neither. */
    boolean deliver();
  }

  /** A delivery that is not paused. */
  public Delivery(Step step) {
    this.step = step;
  }

  /** Whether the reader holds it back. */
  public boolean isPaused() {
    return paused;
  }

  /** Delivers nothing more until {@link #resume}. */
  public void pause() {
    paused = true;
  }

  /** Goes on. The result is that of {@link #advance}. */
  public boolean resume() {
    paused = false;
    return advance();
  }

  /**
   * Delivers what is there.
   *
   * @return false if a call further up the stack does that already
   */
  public boolean advance() {
    if (running) {
      return false;
    }
    running = true;
    boolean more = true;
    while (more && !paused) {
      more = step.deliver();
    }
    running = false;
    return true;
  }
}
