package dev.refrain.config;

import java.util.HashMap;
import java.util.Map;

/** Where a value came from, by the path of its key: a variable, or a line of the file. */
final class Origins {
  private final String file;
  private final Places places;
  private final Map<String, String> variables = new HashMap<>();

  /** Whatever no variable set came from this file, where it stands at these places. */
  Origins(String file, Places places) {
    this.file = file;
    this.places = places;
  }

  void set(String path, String variable) {
    variables.put(path, variable);
  }

  String of(String path) {
    String variable = variables.get(path);
    if (variable != null) {
      return variable;
    }
    int line = places.line(path);
    return line == 0 ? file : file + ":" + line;
  }
}
