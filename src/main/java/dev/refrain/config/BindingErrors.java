package dev.refrain.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.refrain.settings.Check.InvalidValue;
import dev.refrain.settings.ExpectedType;

/** Turns an error of Jackson into one line for the operator. */
final class BindingErrors {
  private final ObjectNode tree;
  private final ValueOrigins valueOrigins;

  BindingErrors(ObjectNode tree, ValueOrigins valueOrigins) {
    this.tree = tree;
    this.valueOrigins = valueOrigins;
  }

  ConfigError of(JacksonException problem) {
    String above = problem instanceof JsonMappingException mapping ? path(mapping) : "";
    return problem.getCause() instanceof InvalidValue invalidValue
        ? wrong(ConfigTree.join(above, invalidValue.key()), invalidValue.expected())
        : wrong(above, expected(problem));
  }

  private ConfigError wrong(String path, String expected) {
    return ConfigError.of(
        valueOrigins.of(path),
        path,
        ConfigTree.found(tree, path),
        expected + ConfigTree.rule(tree, path));
  }

  private static String expected(JacksonException problem) {
    if (problem.getCause() instanceof InputCoercionException tooLarge) {
      return ExpectedType.of(tooLarge.getTargetType());
    }
    if (problem instanceof ValueInstantiationException refused) {
      return ExpectedType.of(refused.getType().getRawClass());
    }
    if (problem instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
      return ExpectedType.of(mismatch.getTargetType());
    }
    return "a value like the one in conf/refrain.yaml";
  }

  private static String path(JsonMappingException problem) {
    String path = "";
    for (JsonMappingException.Reference step : problem.getPath()) {
      path =
          step.getFieldName() == null
              ? path + "[" + step.getIndex() + "]"
              : ConfigTree.join(path, step.getFieldName());
    }
    return path;
  }
}
