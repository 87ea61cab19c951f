package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;

/** Turns what Jackson has to say about a mapping into one line for the operator. */
final class Problems {
  private final ObjectNode tree;
  private final Origins origins;

  Problems(ObjectNode tree, Origins origins) {
    this.tree = tree;
    this.origins = origins;
  }

  ConfigError of(JacksonException problem) {
    String path = problem instanceof JsonMappingException mapping ? path(mapping) : "";
    if (problem instanceof UnrecognizedPropertyException unknown) {
      return unknown(path, unknown);
    }
    if (problem.getCause() instanceof Invalid invalid) {
      return wrong(join(path, invalid.key()), invalid.expected());
    }
    return wrong(path, expected(problem));
  }

  private ConfigError unknown(String path, UnrecognizedPropertyException unknown) {
    List<String> keys =
        Arrays.stream(unknown.getReferringClass().getRecordComponents())
            .map(RecordComponent::getName)
            .toList();
    String nearest =
        Nearest.to(unknown.getPropertyName(), keys)
            .map(key -> "; did you mean " + key + "?")
            .orElse("");
    return ConfigError.of(
        origins.of(path), path, "unknown key", "one of " + String.join(", ", keys) + nearest);
  }

  private ConfigError wrong(String path, String expected) {
    return ConfigError.of(origins.of(path), path, Tree.found(tree, path), expected);
  }

  private static String expected(JacksonException problem) {
    if (problem instanceof ValueInstantiationException refused) {
      return Expected.of(refused.getType().getRawClass());
    }
    if (problem instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return Expected.of(mismatch.getTargetType());
    }
    return "a value of the type in conf/refrain.yaml";
  }

  private static String path(JsonMappingException problem) {
    String path = "";
    for (JsonMappingException.Reference step : problem.getPath()) {
      path =
          step.getFieldName() == null
              ? path + "[" + step.getIndex() + "]"
              : join(path, step.getFieldName());
    }
    return path;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
