package dev.refrain.config;

import java.util.HashMap;
import java.util.Map;

/** Which source a value came from, by the path of its key. */
final class Origins {
  private final String file;
  private final Map<String, String> variables = new HashMap<>();

  /** Whatever no variable set came from this file. */
  Origins(String file) {
    this.file = file;
  }

  void set(String path, String variable) {
    variables.put(path, variable);
  }

  String of(String path) {
    return variables.getOrDefault(path, file);
  }
}
