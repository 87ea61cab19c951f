package dev.refrain.deploy;

import java.util.List;
import java.util.stream.Stream;

/**
 * What must be true of every overlay.
 *
 * @param sentence that can be false
 * @param check throws what is wrong; anything thrown counts
 */
record Rule(String sentence, Check check) {
  /** Looks at an overlay. */
  @FunctionalInterface
  interface Check {
    void of(Rollout rollout);
  }

  static List<Rule> all(Program program) {
    return Stream.of(
            PodRules.all(),
            ProgramRules.all(program),
            NetworkRules.all(),
            OperationRules.all(program),
            CacheServerRules.all())
        .flatMap(List::stream)
        .toList();
  }

  void holds(Rollout rollout) {
    try {
      check.of(rollout);
    } catch (RuntimeException missing) {
      throw new AssertionError(rollout.overlay() + ": " + sentence, missing);
    }
  }
}
