package dev.refrain.scenario;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers models, chat, files and transcriptions as OpenAI does, and reads uploads (RFC 7578). */
final class OpenAiStub {
  /** A model whose name needs care in a path. */
  static final String MODEL = "ft:gpt-4o-mini:org::id";

  /** Every byte there is, and many of them: an upload that fits into no buffer on its way. */
  static final byte[] BYTES = new byte[1 << 20];

  private static final String MODEL_OBJECT =
      "{\"id\":\"%s\",\"object\":\"model\",\"created\":1,\"owned_by\":\"o\",\"deep\":[1.50,null]}";
  private static final String FILE_OBJECT =
      "{\"id\":\"file-1\",\"object\":\"file\",\"bytes\":%d,\"created_at\":1,"
          + "\"filename\":\"%s\",\"purpose\":\"batch\",\"status\":\"processed\"}";
  private static final String LIST = "{\"object\":\"list\",\"data\":[%s],\"has_more\":false}";
  private static final String CHAT =
      "{\"id\":\"c\",\"object\":\"%s\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"%s\":{\"role\":\"assistant\",\"content\":\"%s\"},\"finish_reason\":\"stop\"}]}";
  private static final String GONE =
      "{\"error\":{\"message\":\"gone\",\"type\":\"invalid_request_error\",\"param\":\"id\","
          + "\"code\":\"model_not_found\"}}";
  private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";]+)");
  private static final Pattern FILENAME = Pattern.compile("filename=\"([^\"]*)\"");

  static {
    new Random(1).nextBytes(BYTES);
  }

  private OpenAiStub() {}

  /** What is said to a request. */
  static Script answer(Received request) {
    String path = request.head().method() + " " + request.head().target().split("\\?")[0];
    return switch (path) {
      case "GET /v1/models" -> json(LIST.formatted(model("m") + "," + model(MODEL)));
      case "GET /v1/models/ft:gpt-4o-mini:org::id" -> json(model(MODEL));
      case "POST /v1/chat/completions" -> chatOf(request);
      case "POST /v1/files" -> json(FILE_OBJECT.formatted(file(request).length, filename(request)));
      case "GET /v1/files" -> json(LIST.formatted(aFile() + "," + aFile().replace("-1", "-2")));
      case "GET /v1/files/file-1" -> json(aFile());
      case "DELETE /v1/files/file-1" ->
          json("{\"id\":\"file-1\",\"object\":\"file\",\"deleted\":true}");
      case "GET /v1/files/file-1/content" -> content();
      case "POST /v1/audio/transcriptions" ->
          json("{\"text\":\"%d bytes of %s\"}".formatted(file(request).length, filename(request)));
      default -> Script.answer(404, GONE, "Content-Type: application/json");
    };
  }

  private static Script json(String body) {
    return Script.answer(
        200, body, "Content-Type: application/json", "x-request-id: req_1", "openai-version: 1");
  }

  private static String model(String id) {
    return MODEL_OBJECT.formatted(id);
  }

  private static String aFile() {
    return FILE_OBJECT.formatted(BYTES.length, "batch.jsonl");
  }

  private static Script chatOf(Received request) {
    if (!request.wantsStream()) {
      return json(CHAT.formatted("chat.completion", "message", "Größe 😀"));
    }
    String chunk = "chat.completion.chunk";
    return Script.events("x-request-id: req_1")
        .data(CHAT.formatted(chunk, "delta", "Grö"))
        .data(CHAT.formatted(chunk, "delta", "ße 😀"))
        .done();
  }

  private static Script content() {
    List<String> lines =
        List.of(
            "Content-Type: application/octet-stream",
            "Content-Disposition: attachment; filename=\"batch.jsonl\"",
            "Content-Length: " + BYTES.length);
    return Script.silence().head(200, lines).raw(BYTES);
  }

  /** The bytes of the file in an upload (RFC 7578 §4). */
  static byte[] file(Received upload) {
    String body = latin(upload);
    int begin = body.indexOf("\r\n\r\n", body.indexOf("name=\"file\"")) + 4;
    int end = body.indexOf("\r\n--" + boundary(upload).orElseThrow(), begin);
    return body.substring(begin, end).getBytes(ISO_8859_1);
  }

  private static String filename(Received upload) {
    Matcher matcher = FILENAME.matcher(latin(upload));
    return matcher.find() ? matcher.group(1) : "";
  }

  /** What parts the parts of an upload; empty if the request is none. */
  static Optional<String> boundary(Received request) {
    return request
        .head()
        .first("Content-Type")
        .map(BOUNDARY::matcher)
        .filter(Matcher::find)
        .map(matcher -> matcher.group(1));
  }

  /** The body, a character for each byte. */
  static String latin(Received request) {
    return new String(request.body(), ISO_8859_1);
  }
}
