package dev.refrain.config;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The key somebody may have meant. */
final class Nearest {
  private Nearest() {}

  /** The key at the smallest edit distance, if no more than a third of the word is wrong. */
  static Optional<String> to(String word, Collection<String> keys) {
    return keys.stream()
        .min(Comparator.comparingInt(key -> distance(word, key)))
        .filter(
            key -> distance(word, key) <= Math.max(1, Math.min(word.length(), key.length()) / 3));
  }

  // Levenshtein's, in two rows; letters count as equal whatever their case.
  private static int distance(String one, String other) {
    String left = plain(one);
    String right = plain(other);
    int[] above = new int[right.length() + 1];
    Arrays.setAll(above, i -> i);
    for (int i = 1; i <= left.length(); i++) {
      int[] row = new int[above.length];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = above[j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[right.length()];
  }

  // Keys come in kebab and snake case too often to count the dashes.
  private static String plain(String word) {
    return word.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
  }
}
