package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;

/** The endpoints that stream, for tests that say the same of each of them. */
public enum Dialect {
  /** {@code POST /v1/completions}. */
  COMPLETIONS("/v1/completions", "\"prompt\":\"%s\"", "\"text\":\"%s\"", "\"text\":\"%s\""),
  /** {@code POST /v1/chat/completions}. */
  CHAT(
      Chats.PATH,
      "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]",
      "\"delta\":{\"content\":\"%s\"}",
      "\"message\":{\"content\":\"%s\"}");

  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":5,\"total_tokens\":6}";

  private final String path;
  private final String question;
  private final String piece;
  private final String whole;

  Dialect(String path, String question, String piece, String whole) {
    this.path = path;
    this.question = question;
    this.piece = piece;
    this.whole = whole;
  }

  /** The path of the endpoint. */
  public String path() {
    return path;
  }

  /** A deterministic request. */
  public String asking(String text) {
    return "{\"model\":\"m\"," + question.formatted(text) + ",\"temperature\":0}";
  }

  /** The same, streamed. */
  public String streaming(String text) {
    return asking(text).replace("\"temperature\":0}", "\"temperature\":0,\"stream\":true}");
  }

  /** A whole answer with this text. */
  public String document(String text) {
    return "{\"id\":\"c\",\"choices\":[" + choice(whole, text, "stop") + "]," + USAGE + "}";
  }

  /** One chunk of a stream; the finish may be null. */
  public String chunk(String text, String finish) {
    return "{\"id\":\"c\",\"choices\":[" + choice(piece, text, finish) + "]}";
  }

  /** The chunk that closes a stream with its usage. */
  public String usage() {
    return "{\"id\":\"c\",\"choices\":[]," + USAGE + "}";
  }

  /** The text of an answer in either framing. */
  public String text(String body) {
    if (!body.startsWith("{")) {
      return Events.of(body).text(0);
    }
    JsonNode choice = Json.read(body).at("/choices/0");
    return choice.path("text").asText("") + choice.at("/message/content").asText("");
  }

  private static String choice(String member, String text, String finish) {
    return "{"
        + member.formatted(text)
        + ",\"index\":0,\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : "\"" + finish + "\"")
        + "}";
  }
}
