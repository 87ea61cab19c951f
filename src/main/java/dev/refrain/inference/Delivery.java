package dev.refrain.inference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers frames to one reader until it pauses or nothing is left. A reader that resumes within
 * its own call is served by the loop that is already running, so that the stack does not grow with
 * the stream. What a step throws ends the delivery: a frame is lost, so nothing may follow it. No
 * exception reaches the caller, for other readers of the same source must not be disturbed; an
 * {@code Error} does.
 *
 * <p>Lives on one event loop.
 */
public final class Delivery {
  private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

  private final Step step;
  private final Ending ending;
  private boolean paused;
  private boolean running;

  /** Delivers what comes next. */
  @FunctionalInterface
  public interface Step {
    /** Delivers one frame or the ending; false if there is neither. */
    boolean deliver();
  }

  /** Ends what a step has failed at. */
  @FunctionalInterface
  public interface Ending {
    /**
     * Drops what is not delivered, and delivers the failure in its place.
     *
     * @return false if the ending has been delivered before
     */
    boolean fail(Failure defect);
  }

  /** A delivery that is not paused. */
  public Delivery(Step step, Ending ending) {
    this.step = step;
    this.ending = ending;
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
    try {
      boolean more = true;
      while (more && !paused) {
        more = step();
      }
    } finally {
      running = false;
    }
    return true;
  }

  private boolean step() {
    try {
      return step.deliver();
    } catch (RuntimeException defect) {
      fail(defect);
      return true; // the ending may be what comes next
    } catch (Error fatal) { // not to go on as if nothing had happened
      fail(fatal);
      throw fatal;
    }
  }

  private void fail(Throwable defect) {
    try {
      if (!ending.fail(Failure.from(defect))) {
        LOG.error("a reader failed at the end of its stream", defect);
      }
    } catch (Throwable again) { // then the reader cannot be notified
      LOG.error("a reader failed at a failure of its stream", again);
    }
  }
}
