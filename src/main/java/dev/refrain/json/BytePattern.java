package dev.refrain.json;

import java.util.Arrays;

/**
 * A word to be found in bytes, most of which are never looked at.
 *
 * <p>Source: R. N. Horspool, Practical fast searching in strings, 1980.
 */
public final class BytePattern {
  private final byte[] word;
  private final int[] shift = new int[256];

  public BytePattern(byte[] word) {
    this.word = word;
    Arrays.fill(shift, word.length);
    for (int i = 0; i < word.length - 1; i++) {
      shift[word[i] & 0xFF] = word.length - 1 - i;
    }
  }

  /** Whether the word occurs in {@code bytes[from, to)}. */
  public boolean isIn(byte[] bytes, int from, int to) {
    int last = word.length - 1;
    for (int at = from + last; at < to; at += shift[bytes[at] & 0xFF]) {
      if (bytes[at] == word[last]
          && Arrays.equals(bytes, at - last, at + 1, word, 0, word.length)) {
        return true;
      }
    }
    return false;
  }
}
