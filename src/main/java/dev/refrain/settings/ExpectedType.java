package dev.refrain.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Describes the expected form of a value in a configuration file. */
public final class ExpectedType {
  /** The expected form of a value that is written otherwise than its type suggests. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  public @interface Form {
    /** The form in words, such as {@code a size such as 512KiB}. */
    String value();
  }

  private ExpectedType() {}

  public static String of(Class<?> type) {
    Form form = type.getAnnotation(Form.class);
    if (form != null) {
      return form.value();
    }
    if (type.isEnum()) {
      return "one of " + constants(type);
    }
    if (type.isRecord() || Map.class.isAssignableFrom(type)) {
      return "a section of keys";
    }
    if (Collection.class.isAssignableFrom(type)) {
      return "a list";
    }
    return scalar(type);
  }

  private static String scalar(Class<?> type) {
    if (type == int.class || type == Integer.class || type == long.class) {
      return "a whole number";
    }
    if (type == double.class) {
      return "a number";
    }
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == Duration.class) {
      return "a duration such as 25ms, 10s, 5m or 24h";
    }
    return type == URI.class
        ? "an http or https URL with a host, without user, query and fragment"
        : "text, in quotes if it looks like a number";
  }

  private static String constants(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }
}
