package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Turns what Jackson has to say about a value into one line for the operator. */
final class Problems {
  private final ObjectNode tree;
  private final Origins origins;

  Problems(ObjectNode tree, Origins origins) {
    this.tree = tree;
    this.origins = origins;
  }

  ConfigError of(JacksonException problem) {
    String above = problem instanceof JsonMappingException mapping ? path(mapping) : "";
    return problem.getCause() instanceof Invalid invalid
        ? wrong(Tree.join(above, invalid.key()), invalid.expected())
        : wrong(above, expected(problem));
  }

  private ConfigError wrong(String path, String expected) {
    return ConfigError.of(origins.of(path), path, Tree.found(tree, path), expected);
  }

  private static String expected(JacksonException problem) {
    if (problem.getCause() instanceof InputCoercionException tooLarge) {
      return Expected.of(tooLarge.getTargetType());
    }
    if (problem instanceof ValueInstantiationException refused) {
      return Expected.of(refused.getType().getRawClass());
    }
    if (problem instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return Expected.of(mismatch.getTargetType());
    }
    return "a value like the one in conf/refrain.yaml";
  }

  private static String path(JsonMappingException problem) {
    String path = "";
    for (JsonMappingException.Reference step : problem.getPath()) {
      path =
          step.getFieldName() == null
              ? path + "[" + step.getIndex() + "]"
              : Tree.join(path, step.getFieldName());
    }
    return path;
  }
}
