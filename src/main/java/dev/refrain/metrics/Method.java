package dev.refrain.metrics;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A method of HTTP, as a label. */
enum Method {
  GET,
  HEAD,
  POST,
  PUT,
  PATCH,
  DELETE,
  OPTIONS,
  /** Any other word; callers invent them, and labels must not. */
  OTHER;

  private static final Map<String, Method> KNOWN =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(Method::name, method -> method));

  static Method of(String name) {
    return KNOWN.getOrDefault(name, OTHER);
  }

  /** As the method is written. */
  String label() {
    return this == OTHER ? "other" : name();
  }
}
