package dev.refrain.demo;

import java.util.List;

/**
 * Sequences that end a text and do not appear in it.
 *
 * @param sequences none empty
 */
record StopSequences(List<String> sequences) {
  /** Length of the longest sequence; 0 without any. */
  int longest() {
    return sequences.stream().mapToInt(String::length).max().orElse(0);
  }

  /** Where in {@code text} the earliest sequence begins, or -1. */
  int earliest(CharSequence text) {
    if (sequences.isEmpty()) {
      return -1;
    }
    String searched = text.toString();
    return sequences.stream().mapToInt(searched::indexOf).filter(at -> at >= 0).min().orElse(-1);
  }
}
