package dev.refrain.cassette;

import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;

/**
 * A request as a cassette knows it: by this alone a recording is found again. Header fields and
 * credentials are no part of it.
 *
 * @param method as sent
 * @param target path and query, without credentials
 * @param form how {@code body} is written
 * @param body canonical JSON in one line, text, base64, or empty
 */
public record RecordedRequest(String method, String target, Form form, String body)
    implements Comparable<RecordedRequest> {
  private static final Comparator<RecordedRequest> ORDER =
      Comparator.comparing(RecordedRequest::target)
          .thenComparing(RecordedRequest::method)
          .thenComparing(RecordedRequest::form)
          .thenComparing(RecordedRequest::body);

  /** How a body is written; also the name of its member in a line, in lower case. */
  public enum Form {
    /** There is no body. */
    NONE,
    /** A JSON value. */
    BODY,
    /** Text that is no JSON. */
    TEXT,
    /** Any other bytes. */
    BASE64
  }

  /** The target without its query. */
  public String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  /** The model asked for; empty if the body names none. */
  public String model() {
    try {
      Member model = Member.find(members(), "model");
      return model == null || !model.value().isString() ? "" : LineReader.text(model.value());
    } catch (IOException noObject) {
      return "";
    }
  }

  /** The members of the body; none if it is no object. */
  List<Member> members() throws IOException {
    if (form != Form.BODY || !body.startsWith("{")) {
      return List.of();
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Slice(bytes, 0, bytes.length).members();
  }

  @Override
  public int compareTo(RecordedRequest other) {
    return ORDER.compare(this, other);
  }

  /** Never shows the body. */
  @Override
  public String toString() {
    return method + " " + target;
  }
}
