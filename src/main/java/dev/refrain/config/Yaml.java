package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.refrain.rules.RuleSettings.Temperature;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    throw ConfigError.of(origin, "", tree.isArray() ? "a list" : "text", "a section of keys");
  }

  private static JsonNode tree(String text, String origin) {
    try {
      refuseAliases(text, origin);
      return MAPPER.readTree(text);
    } catch (MismatchedInputException trailing) {
      throw new ConfigError(origin + ": a second document (expected: one)");
    } catch (JacksonException syntax) {
      throw new ConfigError(
          origin + ":" + place(syntax.getLocation()) + " " + Redaction.text(problem(syntax)));
    }
  }

  // Jackson reads the alias *key as the text "key".
  private static void refuseAliases(String text, String origin) throws JacksonException {
    try (YAMLParser parser = MAPPER.getFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.isCurrentAlias()) {
          String place = place(parser.currentTokenLocation());
          throw new ConfigError(origin + ":" + place + " an alias (expected: the value itself)");
        }
      }
    } catch (JacksonException syntax) {
      throw syntax;
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
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
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModule(
                new SimpleModule()
                    .addDeserializer(Duration.class, new Durations())
                    .addDeserializer(Temperature.class, new Temperatures()));
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
