package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code conf/refrain.schema.json} is what the code and the reference say. Write it anew with
 * {@code mvn test -Dtest=ConfigSchemaTest -Drefrain.schema.write=true}.
 */
class ConfigSchemaTest {
  private static final Path FILE = Path.of("conf/refrain.schema.json");
  private static final Path REFERENCE = Path.of("conf/refrain.yaml");

  @Test
  void theFileIsTheSchemaOfTheCode() throws IOException {
    String schema = ConfigSchema.of(Files.readString(REFERENCE));
    if (Boolean.getBoolean("refrain.schema.write")) {
      Files.writeString(FILE, schema);
    }
    assertThat(Files.readString(FILE))
        .as("mvn test -Dtest=ConfigSchemaTest -Drefrain.schema.write=true writes it anew")
        .isEqualTo(schema);
  }

  @Test
  void theFirstLineOfTheReferenceNamesItForEditors() throws IOException {
    assertThat(Files.readString(REFERENCE))
        .startsWith("# yaml-language-server: $schema=" + FILE.getFileName() + "\n");
  }

  @Test
  void everyKeyOfTheReferenceIsDescribed() throws IOException {
    assertDescribed("", schema());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "conf/refrain.yaml",
        "k8s/base/refrain.yaml",
        "k8s/overlays/dev/refrain.yaml",
        "k8s/overlays/prod/refrain.yaml"
      })
  void whatTheProgramTakesIsValid(String file) throws IOException {
    String yaml = Files.readString(Path.of(file));
    assertThat(accepts(schema(), Yaml.read(yaml, file))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "server: {prot: 1}",
        "server: {port: 65536}",
        "server: {port: '80'}",
        "cache: {ttl: 24}",
        "cache: {ttl: 24x}",
        "cache: {maxEntry: 4MB}",
        "cache: {abandoned: leave}",
        "cache: {rules: [{when: {}}]}",
        "cache: {rules: [{name: a, when: {temperature: {atLeast: 1}}}]}",
        "upstreams: [{name: a}]",
        "upstreams: {url: http://a}",
        "keys: [{name: a}]",
        "keys: [{name: a, secret: {env: A, flie: b}}]",
        "metrics: {prices: [{model: m, prompt: 1}]}",
        "management: {host: 7}"
      })
  void whatTheProgramRefusesForItsShapeIsNotValid(String yaml) throws IOException {
    assertThat(accepts(schema(), Yaml.read(yaml, "text"))).isFalse();
  }

  private static void assertDescribed(String path, JsonNode schema) {
    for (Map.Entry<String, JsonNode> each : schema.path("properties").properties()) {
      String key = ConfigTree.join(path, each.getKey());
      JsonNode items = each.getValue().path("items");
      assertThat(each.getValue().path("description").asText()).as(key).isNotBlank();
      assertDescribed(key, items.isMissingNode() ? each.getValue() : items);
    }
  }

  private static JsonNode schema() throws IOException {
    return new ObjectMapper().readTree(Files.readString(FILE));
  }

  /** As much of JSON Schema as this one uses. */
  private static boolean accepts(JsonNode schema, JsonNode value) {
    if (schema.has("anyOf")) {
      return schema.path("anyOf").valueStream().anyMatch(one -> accepts(one, value));
    }
    if (schema.has("enum")) {
      return schema.path("enum").valueStream().anyMatch(value::equals);
    }
    JsonNode type = schema.path("type");
    boolean typed =
        type.isTextual()
            ? is(type.asText(), value)
            : type.valueStream().anyMatch(one -> is(one.asText(), value));
    return typed
        && (!schema.has("pattern")
            || Pattern.compile(schema.path("pattern").asText()).matcher(value.asText()).find())
        && (!schema.has("minimum") || value.asDouble() >= schema.path("minimum").asDouble())
        && (!schema.has("maximum") || value.asDouble() <= schema.path("maximum").asDouble())
        && schema.path("required").valueStream().allMatch(key -> value.has(key.asText()))
        && value.properties().stream().allMatch(each -> acceptsMember(schema, each))
        && (!value.isArray()
            || value.valueStream().allMatch(each -> accepts(schema.path("items"), each)));
  }

  private static boolean acceptsMember(JsonNode schema, Map.Entry<String, JsonNode> member) {
    JsonNode known = schema.path("properties").path(member.getKey());
    JsonNode others = schema.path("additionalProperties");
    return known.isMissingNode()
        ? others.isObject() && accepts(others, member.getValue())
        : accepts(known, member.getValue());
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new AssertionError(type);
    };
  }
}
