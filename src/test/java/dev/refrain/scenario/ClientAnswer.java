package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Events;
import dev.refrain.testing.Json;
import dev.refrain.testing.MessageHead;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An answer as a client understands it, in either framing.
 *
 * @param outcome {@link #ANSWER} or in what other way it ended; a status where it is an error's
 * @param texts by index
 * @param finishes by index, for as many as have finished
 * @param usage null if it was not told
 */
record ClientAnswer(
    String outcome,
    MessageHead head,
    Map<Integer, String> texts,
    Map<Integer, String> finishes,
    JsonNode usage,
    String body) {
  static final String ANSWER = "answer";
  static final String ERROR_EVENT = "error event";
  static final String ERROR_DOCUMENT = "error document";

  /** Reads an answer; fails if it is none, or ends as none may. */
  static ClientAnswer of(MessageHead head, String body) {
    boolean stream = head.first("Content-Type").orElse("").startsWith("text/event-stream");
    return stream ? ofStream(head, body) : ofDocument(head, body);
  }

  private static ClientAnswer ofDocument(MessageHead head, String body) {
    JsonNode document = Json.read(body);
    boolean error = document.has("error");
    if (error == (document.has("choices") || document.has("data"))
        || (head.status() != 200 && !error)) {
      throw new AssertionError("neither an answer nor an error: " + body);
    }
    String outcome = error ? ERROR_DOCUMENT : ANSWER;
    String ended = head.status() == 200 ? outcome : Integer.toString(head.status());
    return read(ended, head, List.of(document), body);
  }

  private static ClientAnswer ofStream(MessageHead head, String body) {
    Events events = Events.of(body);
    boolean failed = !events.errors().isEmpty();
    if (head.status() != 200 || (failed ? events.terminators() > 0 : !events.properlyEnded())) {
      throw new AssertionError("neither ended once nor broken off: " + body);
    }
    List<JsonNode> ids =
        events.json().stream().flatMap(one -> one.findValues("id").stream()).toList();
    if (ids.stream().distinct().count() > 1) {
      throw new AssertionError("not one id: " + body);
    }
    return read(failed ? ERROR_EVENT : ANSWER, head, events.json(), body);
  }

  private static ClientAnswer read(
      String outcome, MessageHead head, List<JsonNode> all, String body) {
    Map<Integer, String> texts = new TreeMap<>();
    Map<Integer, String> finishes = new TreeMap<>();
    for (JsonNode one : all) {
      one.path("choices").forEach(choice -> read(choice, texts, finishes));
      one.path("data").forEach(vector -> readVector(vector, texts, finishes));
    }
    List<JsonNode> usages =
        all.stream().map(one -> one.path("usage")).filter(JsonNode::isObject).toList();
    if (usages.size() > 1) {
      throw new AssertionError("usage more than once: " + body);
    }
    JsonNode usage = usages.isEmpty() ? null : usages.get(0);
    return new ClientAnswer(outcome, head, texts, finishes, usage, body);
  }

  /** A vector is a text here, and whole. */
  private static void readVector(
      JsonNode vector, Map<Integer, String> texts, Map<Integer, String> finishes) {
    int index = vector.path("index").asInt(-1);
    texts.merge(index, vector.path("embedding").asText(), String::concat);
    finishes.put(index, "stop");
  }

  private static void read(
      JsonNode choice, Map<Integer, String> texts, Map<Integer, String> finishes) {
    int index = choice.path("index").asInt(-1);
    if (finishes.containsKey(index)) {
      throw new AssertionError("choice " + index + " goes on after its end: " + choice);
    }
    String text =
        choice.path("text").asText("")
            + choice.at("/delta/content").asText("")
            + choice.at("/message/content").asText("");
    texts.merge(index, text, String::concat);
    if (choice.path("finish_reason").isTextual()) {
      finishes.put(index, choice.get("finish_reason").asText());
    }
  }

  boolean answered() {
    return outcome.equals(ANSWER);
  }

  String cacheStatus() {
    return head.first("Cache-Status").orElse("");
  }

  @Override
  public String toString() {
    return outcome + " " + head.fields() + "\n" + body;
  }
}
