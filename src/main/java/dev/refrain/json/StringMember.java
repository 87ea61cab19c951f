package dev.refrain.json;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** A string member of an object that is a whole document. Pure functions; any thread. */
public final class StringMember {
  private StringMember() {}

  /**
   * The document with another value of this member, every other byte as it was.
   *
   * @param body a JSON object in UTF-8; anything else is returned unchanged
   */
  public static Buffer replace(Buffer body, String name, String value) {
    Edits edits = new Edits();
    String quoted = '"' + new String(JsonStringEncoder.getInstance().quoteAsString(value)) + '"';
    byte[] bytes = body.getBytes();
    JsonTokens in = new JsonTokens(bytes);
    try {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return body;
      }
      while (in.nextToken() != JsonToken.END_OBJECT) {
        boolean found = in.currentName().equals(name);
        if (in.nextToken() == JsonToken.VALUE_STRING && found) {
          Span place = in.span();
          edits.replace(place.from(), place.to(), quoted);
        }
        in.skipChildren();
      }
    } catch (IOException notJson) {
      return body;
    }
    return edits.applyTo(body);
  }
}
