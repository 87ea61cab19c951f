package dev.refrain.binding;

/**
 * The part of a bound of the process that one event loop gets, because pools do not cross loops.
 */
final class LoopShare {
  private LoopShare() {}

  /** At least 1. */
  static int of(int total, int loops) {
    return Math.max(1, total / loops);
  }
}
