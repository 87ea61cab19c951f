package dev.refrain.fanout;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Part;

/** A part whose call is in progress. */
final class RunningPart {
  private final int number;
  private final Part part;

  RunningPart(int number, Part part) {
    this.number = number;
    this.part = part;
  }

  /** Its place among the parts. */
  int number() {
    return number;
  }

  Part part() {
    return part;
  }

  /** Ends this part alone. */
  Cancellation cancellation() {
    return part.request().cancellation();
  }
}
