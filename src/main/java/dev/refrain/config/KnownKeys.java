package dev.refrain.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Refuses keys the reference does not have. Comes before any value is looked at: a misspelt key
 * explains the missing value, not the other way round.
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

  // A section that is empty in the reference takes names of the operator's own.
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
}
