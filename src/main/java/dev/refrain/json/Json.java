package dev.refrain.json;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;

/** How documents are written, and whether bytes are one. */
public final class Json {
  /** Writes documents of Refrain itself; it interns no names from requests or responses. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();

  private Json() {}

  /** Whether {@code bytes[from, to)} is one valid object and nothing else. */
  public static boolean isObject(byte[] bytes, int from, int to) {
    if (Utf8.firstInvalid(bytes, from, to) >= 0) {
      return false;
    }
    JsonCursor cursor = new JsonCursor(bytes, from, to);
    try {
      boolean object = cursor.peek() == '{';
      cursor.value();
      cursor.end();
      return object;
    } catch (IOException notJson) {
      return false;
    }
  }
}
