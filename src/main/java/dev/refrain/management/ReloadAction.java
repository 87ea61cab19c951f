package dev.refrain.management;

import io.vertx.core.Future;
import java.util.List;

/** Reloads the configuration. May be called on any thread. */
@FunctionalInterface
public interface ReloadAction {
  /**
   * Result of a reload.
   *
   * @param changed keys that were taken up
   * @param pending keys that wait for the next start
   */
  record Outcome(List<String> changed, List<String> pending) {
    /** Copies what it is given. */
    public Outcome {
      changed = List.copyOf(changed);
      pending = List.copyOf(pending);
    }
  }

  /** Reads it, and takes it up; fails with a {@code Failure} that says in one line why not. */
  Future<Outcome> reload();
}
