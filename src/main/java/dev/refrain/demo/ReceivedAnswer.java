package dev.refrain.demo;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * Content of a received answer, in either framing.
 *
 * @param text of the first choice, or the first vector
 * @param tokens its total usage; 0 if it reports none
 * @param whole whether it came to a finish reason; vectors need none
 */
record ReceivedAnswer(String text, long tokens, boolean whole) {
  /** Nothing was said. */
  static final ReceivedAnswer NONE = new ReceivedAnswer("", 0, false);

  private static final String DATA = "data: ";

  /** Reads a document or, by its media type, a stream of events; NONE from anything else. */
  static ReceivedAnswer read(String contentType, String body) {
    try {
      return contentType.startsWith("text/event-stream")
          ? join(body.lines().filter(ReceivedAnswer::isJson).map(ReceivedAnswer::event).toList())
          : join(List.of(new JsonObject(body)));
    } catch (DecodeException e) {
      return NONE;
    }
  }

  /** Both together; what was said differently by the two is said by none. */
  ReceivedAnswer and(ReceivedAnswer other) {
    String common = text.equals(other.text) ? text : "";
    return new ReceivedAnswer(common, tokens + other.tokens, whole && other.whole);
  }

  private static ReceivedAnswer join(List<JsonObject> parts) {
    StringBuilder text = new StringBuilder();
    long tokens = 0;
    boolean whole = false;
    for (JsonObject part : parts) {
      JsonObject choice = first(part, "choices");
      String vector = String.valueOf(first(part, "data").getValue("embedding", ""));
      whole |= !vector.isEmpty();
      text.append(vector);
      text.append(choice.getString("text", ""));
      whole |= choice.getString("finish_reason") != null;
      tokens += usage(part);
    }
    return new ReceivedAnswer(text.toString(), tokens, whole);
  }

  private static JsonObject first(JsonObject part, String name) {
    JsonArray elements = part.getJsonArray(name, new JsonArray());
    return elements.isEmpty() ? new JsonObject() : elements.getJsonObject(0);
  }

  private static long usage(JsonObject part) {
    JsonObject usage = part.getJsonObject("usage");
    return usage == null ? 0 : usage.getLong("total_tokens", 0L);
  }

  private static boolean isJson(String line) {
    return line.startsWith(DATA + "{");
  }

  private static JsonObject event(String line) {
    return new JsonObject(line.substring(DATA.length()));
  }
}
