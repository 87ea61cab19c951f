package dev.refrain.inference;

import java.util.ArrayList;
import java.util.List;

/**
 * Cancels a call in any phase: waiting for a connection, for the head, for the body, or streaming.
 * Lives on one event loop.
 */
public final class Cancellation {
  private List<Runnable> actions = new ArrayList<>(2);

  /** Runs {@code action} when the call is cancelled; at once if it already is. */
  public void onCancel(Runnable action) {
    if (isCancelled()) {
      action.run();
    } else {
      actions.add(action);
    }
  }

  /** Cancels. The second time nothing happens. */
  public void cancel() {
    if (isCancelled()) {
      return;
    }
    List<Runnable> due = actions;
    actions = null;
    RuntimeException defect = null;
    for (Runnable action : due) {
      try {
        action.run();
      } catch (RuntimeException thrown) { // the others let go of something else
        defect = thrown;
      }
    }
    if (defect != null) {
      throw defect;
    }
  }

  /** Whether {@link #cancel} was called. */
  public boolean isCancelled() {
    return actions == null;
  }
}
