package dev.refrain.openai;

import java.util.Set;

/**
 * Which choices of an answer have come to their end. A choice ends with a reason the model gives;
 * what a server invents when it gives up ({@code abort}, {@code error}) spoils the answer, and so
 * does a choice nobody asked for.
 */
final class Ends {
  private static final Set<String> FINAL = Set.of("stop", "length", "content_filter", "tool_calls");

  private final boolean[] ended;
  private int missing;
  private int seen;
  private boolean spoiled;

  Ends(int elements) {
    ended = new boolean[elements];
    missing = elements;
  }

  /** A choice was seen; {@code index} is -1 and {@code reason} null where it has none. */
  void see(int index, String reason) {
    seen++;
    if (index < 0 || index >= ended.length || (reason != null && !FINAL.contains(reason))) {
      spoiled = true;
      return;
    }
    if (reason != null && !ended[index]) {
      ended[index] = true;
      missing--;
    }
  }

  /** Whether all choices have ended well. */
  boolean complete() {
    return missing == 0 && !spoiled;
  }

  /** Whether each was moreover seen once, as in a document. */
  boolean completeAtOnce() {
    return complete() && seen == ended.length;
  }
}
