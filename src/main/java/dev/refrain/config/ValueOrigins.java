package dev.refrain.config;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /** Values that no variable set came from this file, at these lines. */
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

  /** Maps the path of each key in a file to its line number. */
  static final class KeyLocations {
    private final Map<String, Integer> lines = new HashMap<>();

    private KeyLocations() {}

    /** The places in this text, which is YAML. */
    static KeyLocations in(String yaml) {
      KeyLocations keyLocations = new KeyLocations();
      try (YAMLParser parser = Yaml.MAPPER.getFactory().createParser(yaml)) {
        if (parser.nextToken() != null) {
          keyLocations.value("", parser);
        }
      } catch (IOException impossible) { // it was read before
        throw new UncheckedIOException(impossible);
      }
      return keyLocations;
    }

    private void value(String path, YAMLParser parser) throws IOException {
      lines.putIfAbsent(path, parser.currentTokenLocation().getLineNr());
      if (parser.currentToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String key = ConfigTree.join(path, parser.currentName());
          lines.put(key, parser.currentTokenLocation().getLineNr());
          parser.nextToken();
          value(key, parser);
        }
      } else if (parser.currentToken() == JsonToken.START_ARRAY) {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
          value(path + "[" + i + "]", parser);
        }
      }
    }

    /** The line of a key, or of the section where it is missing; 0 if that is the whole file. */
    int line(String path) {
      for (String at = path; !at.isEmpty(); at = above(at)) {
        Integer line = lines.get(at);
        if (line != null) {
          return line;
        }
      }
      return 0;
    }

    private static String above(String path) {
      return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
    }
  }
}
