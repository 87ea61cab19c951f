package dev.refrain.demo;

import dev.refrain.demo.Vocabulary.Token;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * The choices of a chat: whole messages, and deltas. Words are content, or the argument of a call
 * of the first tool; the first of them are reasoning where that is requested.
 */
final class ChatChoices {
  // Code points of a choice that are reasoning.
  private static final int REASONING = 24;
  private static final String ARGUMENTS_START = "{\"text\":\"";
  private static final String ARGUMENTS_END = "\"}";

  private final SimulatedRequest request;
  private final long call;

  ChatChoices(SimulatedRequest request, long call) {
    this.request = request;
    this.call = call;
  }

  /** Choices with whole messages. */
  JsonArray messages(List<ChoiceChunk> choiceChunks) {
    JsonArray choices = new JsonArray();
    for (ChoiceChunk choiceChunk : choiceChunks) {
      choices.add(
          choice(choiceChunk, "message", message(choiceChunk), finish(choiceChunk.finish())));
    }
    return choices;
  }

  /** The choices of the events that say a piece. */
  List<JsonObject> deltas(ChoiceChunk piece) {
    List<JsonObject> deltas = new ArrayList<>();
    if (piece.offset() == 0) {
      deltas.add(silent(piece, opening(piece.index()), null));
    }
    if (!piece.tokens().isEmpty()) {
      deltas.add(choice(piece, "delta", delta(piece), null));
    }
    if (piece.finish() != null) {
      if (hasTool()) {
        JsonObject end = calls(new JsonObject().put("index", 0), arguments(ARGUMENTS_END));
        deltas.add(silent(piece, end, null));
      }
      deltas.add(silent(piece, new JsonObject(), finish(piece.finish())));
    }
    return deltas;
  }

  private JsonObject opening(int choice) {
    JsonObject opening = new JsonObject().put("role", "assistant");
    if (!hasTool()) {
      return opening.put("content", "");
    }
    JsonObject function = function().put("arguments", ARGUMENTS_START);
    JsonObject first = new JsonObject().put("index", 0).put("id", id(choice));
    return opening.putNull("content").mergeIn(calls(first.put("type", "function"), function));
  }

  private JsonObject delta(ChoiceChunk piece) {
    if (isReasoning(piece.offset())) {
      return new JsonObject().put("reasoning_content", piece.text());
    }
    return hasTool()
        ? calls(new JsonObject().put("index", 0), arguments(escaped(piece.text())))
        : new JsonObject().put("content", piece.text());
  }

  private JsonObject message(ChoiceChunk whole) {
    StringBuilder reasoning = new StringBuilder();
    StringBuilder words = new StringBuilder();
    int offset = 0;
    for (Token token : whole.tokens()) {
      (isReasoning(offset) ? reasoning : words).append(token.text());
      offset += token.length();
    }
    JsonObject message = new JsonObject().put("role", "assistant");
    message.put("content", hasTool() ? null : words.toString());
    if (request.chat().orElseThrow().reasons()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (hasTool()) {
      JsonObject called = new JsonObject().put("id", id(whole.index())).put("type", "function");
      String arguments = ARGUMENTS_START + escaped(words.toString()) + ARGUMENTS_END;
      message.mergeIn(calls(called, function().put("arguments", arguments)));
    }
    return message;
  }

  private JsonObject choice(ChoiceChunk piece, String name, JsonObject value, String finish) {
    JsonObject logprobs = request.logprobs() < 0 ? null : logprobs(piece);
    return choice(piece.index(), name, value, logprobs, finish);
  }

  private static JsonObject silent(ChoiceChunk piece, JsonObject delta, String finish) {
    return choice(piece.index(), "delta", delta, null, finish);
  }

  private static JsonObject choice(
      int index, String name, JsonObject value, JsonObject logprobs, String finish) {
    return new JsonObject()
        .put("index", index)
        .put(name, value)
        .put("logprobs", logprobs)
        .put("finish_reason", finish);
  }

  private JsonObject logprobs(ChoiceChunk piece) {
    JsonArray content = new JsonArray();
    for (Token token : piece.tokens()) {
      JsonArray top = new JsonArray();
      for (int i = 0; i < request.logprobs(); i++) {
        String word = i == 0 ? token.text() : Vocabulary.word((long) token.word() + i);
        top.add(new JsonObject().put("token", word).put("logprob", token.logprob() - i));
      }
      content.add(
          new JsonObject()
              .put("token", token.text())
              .put("logprob", token.logprob())
              .put("top_logprobs", top));
    }
    return new JsonObject().put("content", content).putNull("refusal");
  }

  private String finish(String finish) {
    return finish != null && hasTool() ? "tool_calls" : finish;
  }

  private boolean isReasoning(int offset) {
    return request.chat().orElseThrow().reasons() && offset < REASONING;
  }

  private boolean hasTool() {
    return request.chat().orElseThrow().tool().isPresent();
  }

  private JsonObject function() {
    return new JsonObject().put("name", request.chat().orElseThrow().tool().orElseThrow());
  }

  private static JsonObject arguments(String part) {
    return new JsonObject().put("arguments", part);
  }

  private static JsonObject calls(JsonObject called, JsonObject function) {
    return new JsonObject()
        .put("tool_calls", new JsonArray().add(called.put("function", function)));
  }

  private String id(int choice) {
    return "call_" + call + "_" + choice;
  }

  private static String escaped(String text) {
    String quoted = Json.encode(text);
    return quoted.substring(1, quoted.length() - 1);
  }
}
