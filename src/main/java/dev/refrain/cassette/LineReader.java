package dev.refrain.cassette;

import static dev.refrain.cassette.LineWriter.DATA;
import static dev.refrain.cassette.LineWriter.EVENT_END;
import static dev.refrain.cassette.LineWriter.name;

import dev.refrain.cassette.RecordedRequest.Form;
import dev.refrain.json.Json;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.json.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads an exchange from its line, as {@link LineWriter} describes it. Strict: a member that is not
 * known is an error. Pure functions.
 */
final class LineReader {
  private LineReader() {}

  /** Why a line is not one: without its content. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  /** Reads a line; {@code forms} writes its request as one that is sent is written. */
  static Exchange read(byte[] line, int number, RequestForms forms) throws Malformed {
    try {
      if (Utf8.firstInvalid(line) >= 0) {
        throw new Malformed("not UTF-8");
      }
      if (!Json.isObject(line, 0, line.length)) {
        throw new Malformed("not a JSON object, or a part of one");
      }
      Map<String, Slice> members =
          members(new Slice(line, 0, line.length), "", Set.of("request", "sample", "response"));
      RecordedRequest request = request(need(members, "request"), forms);
      long sample = number(need(members, "sample"), "sample", 1, Integer.MAX_VALUE);
      return new Exchange(request, (int) sample, answer(need(members, "response")), number);
    } catch (IOException notJson) {
      throw new Malformed("not a JSON object, or a part of one");
    }
  }

  private static RecordedRequest request(Slice slice, RequestForms forms)
      throws Malformed, IOException {
    Map<String, Slice> members =
        members(slice, "request.", Set.of("method", "path", "body", "text", "base64"));
    String method = text(need(members, "method"), "request.method");
    String target = text(need(members, "path"), "request.path");
    int bodies = 0;
    RecordedRequest request = new RecordedRequest(method, target, Form.NONE, "");
    for (Form form : List.of(Form.BODY, Form.TEXT, Form.BASE64)) {
      Slice body = members.get(name(form));
      if (body != null) {
        bodies++;
        request =
            form == Form.BODY
                ? forms.again(method, target, body.text().getBytes(StandardCharsets.UTF_8))
                : new RecordedRequest(method, target, form, text(body, "request." + name(form)));
      }
    }
    if (bodies > 1) {
      throw new Malformed("request: several bodies (expected: one of body, text, base64)");
    }
    return request;
  }

  private static RecordedAnswer answer(Slice slice) throws Malformed, IOException {
    Map<String, Slice> members =
        members(slice, "response.", Set.of("status", "headers", "body", "base64", "frames", "cut"));
    int status = (int) number(need(members, "status"), "response.status", 200, 999);
    Map<String, List<String>> headers = headers(need(members, "headers"));
    Slice cut = members.get("cut");
    if (cut != null && !cut.text().equals("true")) {
      throw new Malformed("response.cut: expected: true, or nothing");
    }
    List<byte[]> pieces = new ArrayList<>();
    Slice frames = members.get("frames");
    if (members.keySet().stream().filter(Set.of("body", "base64", "frames")::contains).count()
        > 1) {
      throw new Malformed("response: several bodies (expected: one of body, base64, frames)");
    }
    if (frames != null) {
      for (Slice frame : array(frames, "response.frames")) {
        pieces.add(bytes(frame, DATA, EVENT_END, "response.frames"));
      }
    } else if (members.containsKey("body")) {
      pieces.add(bytes(members.get("body"), new byte[0], new byte[0], "response.body"));
    } else if (members.containsKey("base64")) {
      pieces.add(decoded(text(members.get("base64"), "response.base64")));
    }
    return new RecordedAnswer(status, headers, frames != null, pieces, cut != null, List.of());
  }

  private static byte[] decoded(String base64) throws Malformed {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException garbled) {
      throw new Malformed("response.base64: not base64");
    }
  }

  private static byte[] bytes(Slice value, byte[] before, byte[] after, String name)
      throws Malformed, IOException {
    if (!value.isObject()) {
      return text(value, name).getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream event = new ByteArrayOutputStream(value.to() - value.from() + 8);
    event.write(before);
    event.write(value.bytes(), value.from(), value.to() - value.from());
    event.write(after);
    return event.toByteArray();
  }

  private static Map<String, List<String>> headers(Slice slice) throws Malformed, IOException {
    Map<String, List<String>> headers = new TreeMap<>();
    for (Member member : object(slice, "response.headers")) {
      String name = member.name().toLowerCase(Locale.ROOT);
      List<String> values = new ArrayList<>(1);
      if (member.value().isArray()) {
        for (Slice value : array(member.value(), "response.headers")) {
          values.add(fieldValue(value));
        }
      } else {
        values.add(fieldValue(member.value()));
      }
      if (!name.matches("[!-9;-~]+") || headers.put(name, values) != null) {
        throw new Malformed("response.headers: a name that is none, or is given twice");
      }
    }
    return headers;
  }

  // A line break would begin another field (RFC 9110 §5.5).
  private static String fieldValue(Slice value) throws Malformed, IOException {
    String text = text(value, "response.headers");
    if (text.chars().anyMatch(c -> c < ' ' && c != '\t' || c > 0xFF || c == 0x7F)) {
      throw new Malformed("response.headers: a value with a control character");
    }
    return text;
  }

  private static List<Member> object(Slice slice, String name) throws Malformed, IOException {
    if (!slice.isObject()) {
      throw new Malformed(name + ": expected: an object");
    }
    return slice.members();
  }

  static List<Slice> array(Slice slice, String name) throws Malformed, IOException {
    if (!slice.isArray()) {
      throw new Malformed(name + ": expected: a list");
    }
    return slice.elements();
  }

  static Map<String, Slice> members(Slice slice, String within, Set<String> known)
      throws Malformed, IOException {
    Map<String, Slice> members = new TreeMap<>();
    for (Member member : object(slice, within.isEmpty() ? "line" : within.replace(".", ""))) {
      if (!known.contains(member.name())) {
        throw new Malformed(within + "an unknown member (expected: " + sorted(known) + ")");
      }
      if (members.put(member.name(), member.value()) != null) {
        throw new Malformed(within + member.name() + ": given twice");
      }
    }
    return members;
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", names.stream().sorted().toList());
  }

  static Slice need(Map<String, Slice> members, String name) throws Malformed {
    Slice value = members.get(name);
    if (value == null) {
      throw new Malformed(name + ": missing");
    }
    return value;
  }

  static long number(Slice value, String name, long least, long most)
      throws Malformed, IOException {
    long number = new JsonCursor(value.bytes(), value.from(), value.to()).count();
    if (number < least || number > most) {
      throw new Malformed(name + ": expected: a whole number from " + least + " to " + most);
    }
    return number;
  }

  static String text(Slice value, String name) throws Malformed, IOException {
    if (!value.isString()) {
      throw new Malformed(name + ": expected: a string");
    }
    return text(value);
  }

  /** What a string spells. */
  static String text(Slice string) throws IOException {
    JsonCursor cursor = new JsonCursor(string.bytes(), string.from(), string.to());
    cursor.value();
    return cursor.text();
  }
}
