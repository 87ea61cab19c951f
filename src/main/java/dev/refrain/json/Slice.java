package dev.refrain.json;

import dev.refrain.inference.Frame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JSON value as its own bytes, {@code bytes[from, to)}. Values are moved about in this form, so
 * that numbers, escapes and repeated names stay exactly as they were sent. A view: compared with
 * {@link #same}, not {@code equals}.
 */
public record Slice(byte[] bytes, int from, int to) {

  /** All of a document, which must not change. It is copied only where its bytes are scattered. */
  public static Slice of(Buffer document) {
    return new Slice(Rope.bytes(document), 0, document.length());
  }

  /** A frame's payload, without the white space before it. */
  public static Slice of(Frame frame) {
    byte[] data = frame.data();
    int from = frame.from();
    while (from < frame.to() - 1 && data[from] <= ' ' && data[from] > 0) {
      from++;
    }
    return new Slice(data, from, frame.to());
  }

  /** Whether this is {@code null}. */
  public boolean isNull() {
    return bytes[from] == 'n';
  }

  /** Whether this is a string. */
  public boolean isString() {
    return bytes[from] == '"';
  }

  /** Whether this is an array. */
  public boolean isArray() {
    return bytes[from] == '[';
  }

  /** Whether this is an object. */
  public boolean isObject() {
    return bytes[from] == '{';
  }

  /** Whether this is a number. */
  public boolean isNumber() {
    return bytes[from] == '-' || bytes[from] >= '0' && bytes[from] <= '9';
  }

  /** Whether this is what stands where nothing is to be said: {@code ""} or {@code 0}. */
  boolean isBlank() {
    return to - from == 2 && isString() || to - from == 1 && bytes[from] == '0';
  }

  /** Whether this is a string, array or object without content. */
  public boolean isHollow() {
    Slice inside = inside();
    return inside.from == inside.to;
  }

  /** Whether this is {@code ""}. */
  public boolean isHollowText() {
    return isString() && isHollow();
  }

  /** The bytes between the quotes, brackets or braces; for the latter without outer white space. */
  public Slice inside() {
    int first = from + 1;
    int last = to - 1;
    if (isString()) {
      return new Slice(bytes, first, last);
    }
    while (first < last && bytes[first] <= ' ' && bytes[first] >= 0) {
      first++;
    }
    while (first < last && bytes[last - 1] <= ' ' && bytes[last - 1] >= 0) {
      last--;
    }
    return new Slice(bytes, first, last);
  }

  /** Whether both are written with the same bytes. */
  public boolean same(Slice other) {
    return Arrays.equals(bytes, from, to, other.bytes, other.from, other.to);
  }

  /** The bytes as text. */
  public String text() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /** Appends the bytes. */
  public void appendTo(Buffer out) {
    out.appendBytes(bytes, from, to - from);
  }

  /**
   * The members of this object in order, repeated names included.
   *
   * @throws IOException when this is not a valid object
   */
  public List<Member> members() throws IOException {
    List<Member> members = new ArrayList<>();
    JsonCursor cursor = JsonCursor.lenient(bytes, from, to);
    if (cursor.enter('{', '}')) {
      do {
        cursor.name();
        String name = cursor.spelled();
        Slice key = cursor.key();
        members.add(new Member(name, key, value(cursor)));
      } while (cursor.another('}'));
    }
    cursor.end();
    return members;
  }

  /**
   * The elements of this array.
   *
   * @throws IOException when this is not a valid array
   */
  public List<Slice> elements() throws IOException {
    List<Slice> elements = new ArrayList<>();
    JsonCursor cursor = JsonCursor.lenient(bytes, from, to);
    if (cursor.enter('[', ']')) {
      do {
        elements.add(value(cursor));
      } while (cursor.another(']'));
    }
    cursor.end();
    return elements;
  }

  private Slice value(JsonCursor cursor) throws IOException {
    int begin = cursor.at();
    cursor.value();
    return new Slice(bytes, begin, cursor.at());
  }

  /**
   * A value's place in the body.
   *
   * @param from first byte
   * @param to byte after the last
   */
  public record Span(int from, int to) {}
}
