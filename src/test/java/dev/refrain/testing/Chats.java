package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/** Chats for tests: requests, and an upstream that says each last message again, word by word. */
public final class Chats {
  /** The path of the endpoint. */
  public static final String PATH = "/v1/chat/completions";

  private static final String USAGE =
      "{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}";

  private Chats() {}

  /** A deterministic request with further members, each followed by a comma. */
  public static String asking(String text, String further) {
    return "{\"model\":\"m\","
        + further
        + "\"messages\":[{\"role\":\"user\",\"content\":"
        + TextNode.valueOf(text)
        + "}],\"temperature\":0}";
  }

  /** A deterministic request. */
  public static String asking(String text) {
    return asking(text, "");
  }

  /** The same, streamed. */
  public static String streaming(String text) {
    return asking(text, "\"stream\":true,");
  }

  /** The answer in the framing that was asked for, of as many choices as were asked for. */
  public static Script answer(Received request) {
    JsonNode messages = request.json().path("messages");
    String text = messages.path(messages.size() - 1).path("content").asText();
    int choices = request.json().path("n").asInt(1);
    if (!request.wantsStream()) {
      return Script.json(document(text, choices));
    }
    Script script = Script.events();
    for (String delta : deltas(text)) {
      for (int index = 0; index < choices; index++) {
        script = script.data(chunk(index, delta, "null"));
      }
    }
    for (int index = 0; index < choices; index++) {
      script = script.data(chunk(index, "{}", "\"stop\""));
    }
    return (request.wantsUsage() ? script.data(usage()) : script).done();
  }

  /** A whole answer of so many choices with this text. */
  public static String document(String text, int choices) {
    List<String> all = new ArrayList<>();
    for (int index = 0; index < choices; index++) {
      all.add(
          "{\"index\":"
              + index
              + ",\"message\":{\"role\":\"assistant\",\"content\":"
              + TextNode.valueOf(text)
              + ",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}");
    }
    return envelope("chat.completion", String.join(",", all), ",\"usage\":" + USAGE);
  }

  /** The chunk that closes a stream with its usage. */
  public static String usage() {
    return envelope("chat.completion.chunk", "", ",\"usage\":" + USAGE);
  }

  /** One chunk; the finish as JSON. */
  public static String chunk(int index, String delta, String finish) {
    String choice = "{\"index\":%d,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}";
    return envelope("chat.completion.chunk", choice.formatted(index, delta, finish), "");
  }

  private static List<String> deltas(String text) {
    List<String> deltas = new ArrayList<>();
    deltas.add("{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}");
    for (String word : text.split("(?<= )")) {
      deltas.add("{\"content\":" + TextNode.valueOf(word) + "}");
    }
    return deltas;
  }

  private static String envelope(String object, String choices, String rest) {
    return "{\"id\":\"chatcmpl-1\",\"object\":\""
        + object
        + "\",\"created\":1589478378,\"model\":\"m\",\"choices\":["
        + choices
        + "]"
        + rest
        + "}";
  }

  /** The content of a choice of a stream. */
  public static String streamed(String body, int index) {
    StringBuilder text = new StringBuilder();
    for (JsonNode chunk : Events.of(body).json()) {
      for (JsonNode choice : chunk.path("choices")) {
        if (choice.path("index").asInt() == index) {
          text.append(choice.at("/delta/content").asText(""));
        }
      }
    }
    return text.toString();
  }
}
