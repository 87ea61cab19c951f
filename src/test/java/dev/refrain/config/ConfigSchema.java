package dev.refrain.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the JSON Schema of {@code refrain.yaml}: names and types of the records that it is bound
 * to, descriptions, ranges and defaults of the reference file. Of draft 7, which editors know best.
 */
final class ConfigSchema {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final Pattern RANGE =
      Pattern.compile("Range: (-?\\d+(?:\\.\\d+)?) to (-?\\d+(?:\\.\\d+)?)\\.");

  /** What an element of a list must say, because the reference has only an example. */
  private static final Map<String, List<String>> REQUIRED =
      Map.of(
          "upstreams[]", List.of("url"),
          "keys[]", List.of("name", "secret"),
          "cache.rules[]", List.of("name"),
          "metrics.prices[]", List.of("model", "prompt", "completion"));

  private static final Set<String> EXAMPLES = Set.of("keys[]", "cache.rules[]", "metrics.prices[]");

  private final ObjectNode reference;
  private final Map<String, String> comments;

  private ConfigSchema(String yaml) {
    reference = Yaml.read(yaml, "refrain.yaml");
    comments = ReferenceComments.in(yaml);
  }

  /** The schema of what this reference file describes, as text. */
  static String of(String yaml) {
    ConfigSchema schema = new ConfigSchema(yaml);
    ObjectNode root = NODES.objectNode();
    root.put("$schema", "http://json-schema.org/draft-07/schema#");
    root.put("title", "Refrain");
    root.put("description", "Configuration of Refrain. The reference is conf/refrain.yaml.");
    root.setAll(schema.section("", Config.class, schema.reference));
    return new ObjectMapper().valueToTree(root).toPrettyString() + "\n";
  }

  private ObjectNode section(String path, Class<?> type, JsonNode defaults) {
    ObjectNode section = NODES.objectNode();
    // A section whose keys are all commented out is null.
    section.putArray("type").add("object").add("null");
    section.put("additionalProperties", false);
    if (REQUIRED.containsKey(path)) {
      REQUIRED.get(path).forEach(section.withArray("required")::add);
    }
    ObjectNode properties = section.putObject("properties");
    for (RecordComponent each : type.getRecordComponents()) {
      String key = ConfigTree.join(path, each.getName());
      properties.set(each.getName(), value(key, each, defaults.path(each.getName())));
    }
    return section;
  }

  private ObjectNode value(String path, RecordComponent component, JsonNode given) {
    ObjectNode described = NODES.objectNode();
    String comment = comments.getOrDefault(path, "");
    if (!comment.isEmpty()) {
      described.put("description", comment);
    }
    described.setAll(shape(path, component.getGenericType(), given));
    Matcher range = RANGE.matcher(comment);
    if (range.find() && described.path("type").asText().matches("integer|number")) {
      described.set("minimum", number(range.group(1)));
      described.set("maximum", number(range.group(2)));
    }
    if (given.isValueNode() && !isExample(path)) {
      described.set("default", given);
    }
    return described;
  }

  private static boolean isExample(String path) {
    return path.equals("upstreams[].url") || EXAMPLES.stream().anyMatch(path::startsWith);
  }

  private static JsonNode number(String written) {
    return written.contains(".")
        ? NODES.numberNode(Double.parseDouble(written))
        : NODES.numberNode(Long.parseLong(written));
  }

  private ObjectNode shape(String path, Type type, JsonNode given) {
    if (type instanceof ParameterizedType generic) {
      Type of = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      return generic.getRawType() == Map.class
          ? typed("object").set("additionalProperties", shape(path + "{}", of, NODES.nullNode()))
          : typed("array").set("items", shape(path + "[]", of, given.path(0)));
    }
    return shape(path, (Class<?>) type, given);
  }

  // Our own types by name: each stands in the package that uses it.
  private ObjectNode shape(String path, Class<?> type, JsonNode given) {
    if (type.isEnum()) {
      return words(
          Arrays.stream(type.getEnumConstants())
              .map(each -> each.toString().toLowerCase(Locale.ROOT))
              .toArray(String[]::new));
    }
    return switch (type.getSimpleName()) {
      case "Temperature" -> anyOf(words("absent", "present"), atMost());
      case "KeySecret" -> anyOf(typed("string"), secret(path));
      case "Size" ->
          anyOf(
              typed("integer").put("minimum", 0),
              typed("string").put("pattern", "^\\d{1,18} ?(|B|KiB|MiB|GiB)$"));
      case "int", "long", "Integer" -> typed("integer");
      case "double" -> typed("number");
      case "boolean" -> typed("boolean");
      case "Duration" -> typed("string").put("pattern", "^\\d{1,9} ?(ms|s|m|h|d)$");
      case "URI" -> typed("string").put("pattern", "^https?://");
      case "String", "Secret" -> typed("string");
      default -> section(path, record(type), given);
    };
  }

  private static Class<?> record(Class<?> type) {
    if (!type.isRecord()) {
      throw new AssertionError("a type that the schema does not know: " + type);
    }
    return type;
  }

  private ObjectNode secret(String path) {
    ObjectNode section = typed("object").put("additionalProperties", false);
    for (String key : List.of("env", "file", "sha256")) {
      String comment = comments.getOrDefault(ConfigTree.join(path, key), "");
      section.withObject("/properties").set(key, typed("string").put("description", comment));
    }
    return section;
  }

  private static ObjectNode atMost() {
    ObjectNode section = typed("object").put("additionalProperties", false);
    section.withArray("required").add("atMost");
    section.withObject("/properties/atMost").put("type", "number");
    return section;
  }

  private static ObjectNode words(String... words) {
    ObjectNode choice = NODES.objectNode();
    ArrayNode all = choice.putArray("enum");
    Arrays.stream(words).forEach(all::add);
    return choice;
  }

  private static ObjectNode anyOf(ObjectNode one, ObjectNode other) {
    ObjectNode choice = NODES.objectNode();
    choice.putArray("anyOf").add(one).add(other);
    return choice;
  }

  private static ObjectNode typed(String type) {
    return NODES.objectNode().put("type", type);
  }
}
