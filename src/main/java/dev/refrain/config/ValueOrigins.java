package dev.refrain.config;

import java.util.HashMap;
import java.util.Map;

/**
 * Maps the path of each key to the origin of its value: an environment variable or a line of the
 * file.
 */
final class ValueOrigins {
  private final String file;
  private final KeyLocations keyLocations;
  private final Map<String, String> variables = new HashMap<>();

  /** Whatever no variable set came from this file, where it stands at these places. */
  ValueOrigins(String file, KeyLocations keyLocations) {
    this.file = file;
    this.keyLocations = keyLocations;
  }

  void set(String path, String variable) {
    variables.put(path, variable);
  }

  String of(String path) {
    String variable = variables.get(path);
    if (variable != null) {
      return variable;
    }
    int line = keyLocations.line(path);
    return line == 0 ? file : file + ":" + line;
  }
}
