package dev.refrain.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A configuration before it is mapped: merging, and finding a value by its path. */
final class ConfigTree {
  // The parts of a URL that may hold a password.
  private static final Pattern SECRET = Pattern.compile("(?<=:).*(?=@)|(?<=\\?).*");

  private static final Pattern SECRET_PLACE =
      Pattern.compile(".*(apiKey|password|token|secret|sha256)");

  // Where a text that should be a section of keys may well be a secret.
  private static final Pattern KEYS = Pattern.compile("keys(\\[\\d+])?");

  private static final Pattern RULE = Pattern.compile("cache\\.rules\\[(\\d+)]\\..*");

  private ConfigTree() {}

  /** Puts every value of {@code above} over {@code base}; an empty section keeps its defaults. */
  static void merge(ObjectNode base, ObjectNode above) {
    above.properties().forEach(entry -> merge(base, entry.getKey(), entry.getValue()));
  }

  private static void merge(ObjectNode base, String key, JsonNode above) {
    JsonNode below = base.path(key);
    if (below instanceof ObjectNode section && above instanceof ObjectNode values) {
      merge(section, values);
    } else if (!below.isContainerNode() || !isNothing(above)) {
      base.set(key, above);
    }
  }

  // A section whose keys are all commented out arrives as a null or an empty text.
  private static boolean isNothing(JsonNode node) {
    return node.isNull() || node.isTextual() && node.textValue().isEmpty();
  }

  /** Every element of the list, each over its own copy of the template. */
  static void mergeElements(ArrayNode list, ObjectNode template) {
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i) instanceof ObjectNode element) {
        ObjectNode merged = template.deepCopy();
        merge(merged, element);
        list.set(i, merged);
      }
    }
  }

  /** The value at a path such as {@code upstreams[0].url}, in words and without secrets. */
  static String found(ObjectNode root, String path) {
    JsonNode node = root.at("/" + path.replaceAll("[.\\[]", "/").replace("]", ""));
    boolean secret =
        SECRET_PLACE.matcher(path).matches() || node.isTextual() && KEYS.matcher(path).matches();
    return secret ? "***" : found(node);
  }

  /** Sets every value to null, of a section of this name those in it. */
  static void clear(ObjectNode tree, String section) {
    tree.properties()
        .forEach(
            entry -> {
              if (entry.getKey().equals(section)) {
                clear((ObjectNode) entry.getValue(), "");
              } else {
                entry.setValue(NullNode.instance);
              }
            });
  }

  /**
   * What is added to an error at a path within an element of {@code cache.rules}: the name of the
   * rule, which an operator knows it by. Empty elsewhere, and where there is no name.
   */
  static String rule(ObjectNode root, String path) {
    Matcher element = RULE.matcher(path);
    JsonNode name =
        element.matches()
            ? root.at("/cache/rules/" + element.group(1) + "/name")
            : NullNode.instance;
    return name.isTextual() && !name.textValue().isEmpty()
        ? "; in the rule " + Redaction.text(name.textValue())
        : "";
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  static String found(JsonNode node) {
    if (node.isObject()) {
      return "a section";
    }
    if (node.isArray()) {
      return node.isEmpty() ? "an empty list" : "a list";
    }
    if (node.isMissingNode() || node.isNull()) {
      return "nothing";
    }
    String text = SECRET.matcher(node.asText()).replaceAll("***");
    return text.isEmpty() ? "empty" : text;
  }
}
