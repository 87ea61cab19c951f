package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;

/** A stream as a client reads it (WHATWG HTML §9.2.6), for whole texts. */
public final class Events {
  private static final String DONE = "[DONE]";

  private final List<String> data;

  private Events(List<String> data) {
    this.data = data;
  }

  /** Reads the events of a stream; comments are none. */
  public static Events of(String stream) {
    return new Events(
        Arrays.stream(stream.split("\r\n\r\n|\n\n"))
            .flatMap(event -> event.lines())
            .filter(line -> line.startsWith("data:"))
            .map(line -> line.substring("data:".length()).replaceFirst("^ ", ""))
            .toList());
  }

  /** Payloads without the terminator. */
  public List<JsonNode> json() {
    return data.stream().filter(one -> !one.equals(DONE)).map(Json::read).toList();
  }

  /** How many terminators there are. */
  public long terminators() {
    return data.stream().filter(DONE::equals).count();
  }

  /** Whether the terminator is there once, and last. */
  public boolean properlyEnded() {
    return terminators() == 1 && data.get(data.size() - 1).equals(DONE);
  }

  /** The text of one choice. */
  public String text(int index) {
    StringBuilder text = new StringBuilder();
    for (JsonNode event : json()) {
      for (JsonNode choice : event.path("choices")) {
        if (choice.path("index").asInt() == index) {
          text.append(choice.path("text").asText(choice.at("/delta/content").asText("")));
        }
      }
    }
    return text.toString();
  }

  /** The error objects among them. */
  public List<JsonNode> errors() {
    return json().stream().filter(one -> one.has("error")).map(one -> one.get("error")).toList();
  }
}
