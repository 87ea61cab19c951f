package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;

/** The endpoints, for tests that say the same of each of them. Embeddings never stream. */
public enum Dialect {
  /** {@code POST /v1/completions}. */
  COMPLETIONS("/v1/completions", "\"prompt\":\"%s\"", "\"text\":\"%s\"", "\"text\":\"%s\""),
  /** {@code POST /v1/chat/completions}. */
  CHAT(
      Chats.PATH,
      "\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]",
      "\"delta\":{\"content\":\"%s\"}",
      "\"message\":{\"content\":\"%s\"}"),
  /** {@code POST /v1/embeddings}. A vector is a text here, which nothing on its way may read. */
  EMBEDDINGS(Vectors.PATH, "\"input\":\"%s\"", "", "\"embedding\":\"%s\"");

  /** What {@link #answer} says. */
  public static final String TEXT = "This is indeed a test";

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

  /** The endpoint that a request was sent to. */
  public static Dialect of(Received request) {
    return Stream.of(values())
        .filter(dialect -> request.head().start().split(" ")[1].equals(dialect.path))
        .findFirst()
        .orElseThrow();
  }

  /** The path of the endpoint. */
  public String path() {
    return path;
  }

  /** Whether its answers may be streamed. */
  public boolean streams() {
    return this != EMBEDDINGS;
  }

  /** A deterministic request. */
  public String asking(String text) {
    String temperature = streams() ? ",\"temperature\":0}" : "}";
    return "{\"model\":\"m\"," + question.formatted(text) + temperature;
  }

  /** A request that cannot be shared; only where answers depend on a temperature. */
  public String sampling(String text) {
    return asking(text).replace("\"temperature\":0", "\"temperature\":1");
  }

  /** The same, streamed. */
  public String samplingStream(String text) {
    return streaming(text).replace("\"temperature\":0", "\"temperature\":1");
  }

  /** The same as {@link #asking}, streamed. */
  public String streaming(String text) {
    return asking(text).replace("\"temperature\":0}", "\"temperature\":0,\"stream\":true}");
  }

  /** The text that a request carries. */
  public String question(Received request) {
    JsonNode body = request.json();
    return body.path("prompt").asText("")
        + body.path("input").asText("")
        + body.at("/messages/0/content").asText("");
  }

  /** {@link #TEXT} in the framing that was asked for. */
  public Script answer(Received request) {
    if (!request.wantsStream()) {
      return Script.json(document(TEXT));
    }
    Script script =
        Script.events()
            .data(chunk("This is", null))
            .data(chunk(" indeed", null))
            .data(chunk(" a test", "length"));
    return (request.wantsUsage() ? script.data(usage()) : script).done();
  }

  /** A whole answer with this text. */
  public String document(String text) {
    if (!streams()) {
      String vector = "{\"object\":\"embedding\",\"index\":0," + whole.formatted(text) + "}";
      return Vectors.document(vector, 6);
    }
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

  /** The member of a choice that says this text whole. */
  public String whole(String text) {
    return whole.formatted(text);
  }

  /** The member of a choice of a chunk that says this piece. */
  public String piece(String text) {
    return piece.formatted(text);
  }

  /** The text of an answer in either framing. */
  public String text(String body) {
    if (!body.startsWith("{")) {
      return Events.of(body).text(0);
    }
    JsonNode document = Json.read(body);
    JsonNode choice = document.at("/choices/0");
    return document.at("/data/0/embedding").asText("")
        + choice.path("text").asText("")
        + choice.at("/message/content").asText("");
  }

  private static String choice(String member, String text, String finish) {
    return "{"
        + member.formatted(text)
        + ",\"index\":0,\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : "\"" + finish + "\"")
        + "}";
  }
}
