package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** The model that a request body names. Pure functions; any thread. */
public final class ModelName {
  private ModelName() {}

  /**
   * The body asking for another model, every other byte as it was.
   *
   * @param body a JSON object in UTF-8; whatever else it is, it is left alone
   */
  public static Buffer replace(Buffer body, String model) {
    Edits edits = new Edits();
    String quoted = '"' + new String(JsonStringEncoder.getInstance().quoteAsString(model)) + '"';
    byte[] bytes = body.getBytes();
    JsonTokens in = new JsonTokens(bytes);
    try {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return body;
      }
      while (in.nextToken() != JsonToken.END_OBJECT) {
        boolean found = in.currentName().equals("model");
        if (in.nextToken() == JsonToken.VALUE_STRING && found) {
          Span value = in.span();
          edits.replace(value.from(), value.to(), quoted);
        }
        in.skipChildren();
      }
    } catch (IOException notJson) {
      return body;
    }
    return edits.applyTo(body);
  }
}
