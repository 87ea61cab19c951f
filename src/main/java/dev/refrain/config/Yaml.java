package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.Duration;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads YAML, strictly: a key twice, a second document or a coerced scalar is an error. */
final class Yaml {
  static final YAMLMapper MAPPER = mapper();

  private Yaml() {}

  /**
   * The text as a tree; an empty text is an empty section.
   *
   * @throws ConfigError with line and column if it is not YAML
   */
  static ObjectNode read(String text, String origin) {
    JsonNode tree = tree(text, origin);
    if (tree instanceof ObjectNode section) {
      return section;
    }
    if (tree.isMissingNode() || tree.isNull()) {
      return MAPPER.createObjectNode();
    }
    throw ConfigError.of(origin, "", Tree.found(tree), "a section of keys");
  }

  private static JsonNode tree(String text, String origin) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException syntax) {
      throw new ConfigError(origin + ":" + place(syntax.getLocation()) + " " + problem(syntax));
    }
  }

  private static String place(JsonLocation at) {
    return at == null ? "" : at.getLineNr() + ":" + at.getColumnNr() + ":";
  }

  // The full message quotes lines of the file, and with them perhaps a key.
  private static String problem(JacksonException syntax) {
    for (Throwable cause = syntax; cause != null; cause = cause.getCause()) {
      if (cause instanceof MarkedYAMLException marked) {
        return marked.getProblem();
      }
    }
    return syntax.getOriginalMessage();
  }

  private static YAMLMapper mapper() {
    YAMLMapper.Builder builder =
        YAMLMapper.builder(
                YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModule(new SimpleModule().addDeserializer(Duration.class, new Durations()));
    for (CoercionInputShape shape :
        new CoercionInputShape[] {
          CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
        }) {
      builder.withCoercionConfig(
          LogicalType.Textual, config -> config.setCoercion(shape, CoercionAction.Fail));
    }
    return builder.build();
  }
}
