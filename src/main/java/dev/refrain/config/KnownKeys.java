package dev.refrain.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Refuses keys the reference does not have. Runs before any value is checked, because a misspelt
 * key explains a missing value.
 */
final class KnownKeys {
  private final ValueOrigins valueOrigins;

  KnownKeys(ValueOrigins valueOrigins) {
    this.valueOrigins = valueOrigins;
  }

  private ObjectNode root;

  /** Compares section by section; an element of a list with the first one of the reference. */
  void check(ObjectNode user, ObjectNode reference) {
    root = user;
    check("", user, reference);
  }

  private void check(String path, JsonNode user, JsonNode reference) {
    if (user.isObject() && reference.isObject() && !isFree(reference)) {
      user.properties()
          .forEach(
              entry -> {
                String key = ConfigTree.join(path, entry.getKey());
                known(path, entry.getKey(), reference);
                check(key, entry.getValue(), reference.get(entry.getKey()));
              });
    } else if (user.isArray() && reference.isArray() && !reference.isEmpty()) {
      for (int i = 0; i < user.size(); i++) {
        check(path + "[" + i + "]", user.get(i), reference.get(0));
      }
    }
  }

  // A section that is empty in the reference accepts any names.
  private static boolean isFree(JsonNode reference) {
    return reference.isEmpty();
  }

  private void known(String above, String key, JsonNode reference) {
    if (reference.has(key)) {
      return;
    }
    List<String> keys = new ArrayList<>();
    reference.fieldNames().forEachRemaining(keys::add);
    Optional<String> near = KeySuggestion.to(key, keys);
    String hint = near.map(meant -> "; did you mean " + meant + "?").orElse("");
    throw ConfigError.of(
        valueOrigins.of(ConfigTree.join(above, key)),
        ConfigTree.join(above, Redaction.name(key, near)),
        "unknown key",
        "one of "
            + String.join(", ", keys)
            + hint
            + ConfigTree.rule(root, ConfigTree.join(above, key)));
  }

  /** Suggests the known key that is closest to an unknown one. */
  private static final class KeySuggestion {
    private static final int LONGEST = 40;

    private KeySuggestion() {}

    /** The key at the smallest edit distance, if no more than a third of the word is wrong. */
    static Optional<String> to(String word, Collection<String> keys) {
      if (word.length() > LONGEST) {
        return Optional.empty();
      }
      return keys.stream()
          .min(Comparator.comparingInt(key -> distance(word, key)))
          .filter(
              key -> distance(word, key) <= Math.max(1, Math.min(word.length(), key.length()) / 3));
    }

    // Levenshtein's, with two neighbours swapped counting as one slip: prot is near port.
    private static int distance(String one, String other) {
      String left = plain(one);
      String right = plain(other);
      int[][] cost = new int[left.length() + 1][right.length() + 1];
      for (int i = 0; i <= left.length(); i++) {
        for (int j = 0; j <= right.length(); j++) {
          cost[i][j] = i == 0 || j == 0 ? i + j : cheapest(cost, left, i, right, j);
        }
      }
      return cost[left.length()][right.length()];
    }

    private static int cheapest(int[][] cost, String left, int i, String right, int j) {
      int replaced = cost[i - 1][j - 1] + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
      int least = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
      boolean swapped =
          i > 1
              && j > 1
              && left.charAt(i - 1) == right.charAt(j - 2)
              && left.charAt(i - 2) == right.charAt(j - 1);
      return swapped ? Math.min(least, 1 + cost[i - 2][j - 2]) : least;
    }

    // Keys come in kebab and snake case too often to count the dashes.
    private static String plain(String word) {
      return word.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    }
  }
}
