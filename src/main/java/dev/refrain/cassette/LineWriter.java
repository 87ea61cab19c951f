package dev.refrain.cassette;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.refrain.cassette.RecordedRequest.Form;
import dev.refrain.json.Json;
import dev.refrain.json.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes an exchange as one line of JSON; {@link LineReader} is the way back, and writing what it
 * read gives the same bytes.
 *
 * <p>A body is a string. A JSON object stands for its own bytes: as a body, and among the frames of
 * a stream for an event {@code data: {…}} with a blank line. Bytes that are not UTF-8 are {@code
 * base64}. Pure functions.
 */
final class LineWriter {
  /** The first line of a cassette. */
  static final String HEADER = "{\"refrain\":\"cassette\",\"version\":1}";

  /** The first line of a file of times. */
  static final String TIMES_HEADER = "{\"refrain\":\"cassette times\",\"version\":1}";

  /** What stands around the object of an event in one line. */
  static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

  static final byte[] EVENT_END = "\n\n".getBytes(StandardCharsets.US_ASCII);

  private LineWriter() {}

  static void write(Exchange exchange, ByteArrayOutputStream to) throws IOException {
    try (JsonGenerator out = Json.FACTORY.createGenerator(to)) {
      out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      out.writeStartObject();
      out.writeFieldName("request");
      request(exchange.request(), out);
      out.writeNumberField("sample", exchange.sample());
      out.writeFieldName("response");
      answer(exchange.answer(), out);
      out.writeEndObject();
    }
    to.write('\n');
  }

  private static void request(RecordedRequest request, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("method", request.method());
    out.writeStringField("path", request.target());
    if (request.form() == Form.BODY) {
      out.writeFieldName("body");
      out.writeRawValue(request.body());
    } else if (request.form() != Form.NONE) {
      out.writeStringField(name(request.form()), request.body());
    }
    out.writeEndObject();
  }

  /** The member in which a body of this form stands. */
  static String name(Form form) {
    return form.name().toLowerCase(Locale.ROOT);
  }

  private static void answer(RecordedAnswer answer, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("status", answer.status());
    out.writeObjectFieldStart("headers");
    for (Map.Entry<String, List<String>> header : answer.headers().entrySet()) {
      header(header.getKey(), header.getValue(), out);
    }
    out.writeEndObject();
    byte[] body = answer.body();
    if (Utf8.firstInvalid(body) >= 0) {
      out.writeStringField("base64", Base64.getEncoder().encodeToString(body));
    } else if (answer.stream()) {
      out.writeArrayFieldStart("frames");
      for (byte[] piece : answer.pieces()) {
        frame(piece, out);
      }
      out.writeEndArray();
    } else if (body.length > 0) {
      out.writeFieldName("body");
      text(body, 0, body.length, out);
    }
    if (answer.cut()) {
      out.writeBooleanField("cut", true);
    }
    out.writeEndObject();
  }

  private static void header(String name, List<String> values, JsonGenerator out)
      throws IOException {
    if (values.size() == 1) {
      out.writeStringField(name, values.get(0));
      return;
    }
    out.writeArrayFieldStart(name);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  private static void frame(byte[] event, JsonGenerator out) throws IOException {
    int from = DATA.length;
    int to = event.length - EVENT_END.length;
    boolean plain =
        to > from
            && begins(event, 0, DATA)
            && begins(event, to, EVENT_END)
            && isOneLine(event, from, to);
    if (plain) {
      raw(event, from, to, out);
    } else {
      out.writeString(new String(event, StandardCharsets.UTF_8));
    }
  }

  private static boolean begins(byte[] bytes, int at, byte[] with) {
    for (int i = 0; i < with.length; i++) {
      if (bytes[at + i] != with[i]) {
        return false;
      }
    }
    return true;
  }

  private static void text(byte[] bytes, int from, int to, JsonGenerator out) throws IOException {
    if (isOneLine(bytes, from, to)) {
      raw(bytes, from, to, out);
    } else {
      out.writeString(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
  }

  // Space around it would not come back.
  private static boolean isOneLine(byte[] bytes, int from, int to) {
    if (bytes[from] != '{' || bytes[to - 1] != '}') {
      return false;
    }
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n' || bytes[at] == '\r') {
        return false;
      }
    }
    return Json.isObject(bytes, from, to);
  }

  private static void raw(byte[] bytes, int from, int to, JsonGenerator out) throws IOException {
    out.writeRawValue(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }
}
