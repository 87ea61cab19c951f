package dev.refrain.json;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Canonical JSON, as bytes: no white space, members sorted by name, numbers by value without
 * passing through double, strings in UTF-8 with one escape for each character that needs one. Text
 * is never trimmed, folded or normalised. Nulls are kept: inside an unknown field, {@code "const":
 * null} differs from an absent member.
 *
 * <p>Grows as needed and is used again for the next request; lives on one event loop.
 */
public final class Canonical {
  private static final int KEPT = 1 << 20;
  // An object of many short members weighs ten times its text; this is a vocabulary of them.
  public static final int MOST_NAMES = 1 << 18;

  private final char[] units = new char[2];
  private byte[] source;
  private byte[] bytes = new byte[4096];
  private int length;
  private int names;

  /**
   * Says what the parser reads: UTF-8 from its first byte on. Text is copied from there, because
   * the way through the parser's characters and back costs three times as much.
   */
  public void begin(byte[] body) {
    source = body;
    if (body.length > KEPT && body.length > bytes.length) {
      bytes = new byte[body.length]; // mostly enough; to grow would take twice as much beside it
    }
  }

  /** Forgets everything; what a giant left behind goes to the collector. */
  public void clear() {
    source = null;
    length = 0;
    names = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[4096]; // do not keep the memory of one giant prompt for ever
    }
  }

  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /**
   * Appends the value that starts at the parser's current token, and leaves it there at its end. A
   * string is not known to be well-formed before the parser has moved on.
   */
  public void value(JsonTokens in) throws IOException {
    switch (in.currentToken()) {
      case START_OBJECT -> object(in);
      case START_ARRAY -> array(in);
      case VALUE_STRING -> string(in);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(in.getText());
      case VALUE_TRUE -> ascii("true");
      case VALUE_FALSE -> ascii("false");
      default -> ascii("null");
    }
  }

  private void array(JsonTokens in) throws IOException {
    put('[');
    for (boolean first = true; in.nextToken() != JsonToken.END_ARRAY; first = false) {
      if (!first) {
        put(',');
      }
      value(in);
    }
    put(']');
  }

  private void object(JsonTokens in) throws IOException {
    int start = length;
    List<CanonicalMember> members = new ArrayList<>();
    boolean ordered = true;
    put('{');
    while (in.nextToken() != JsonToken.END_OBJECT) {
      if (!members.isEmpty()) {
        put(',');
      }
      String name = in.currentName();
      in.nextToken();
      int from = length;
      member(name);
      value(in);
      CanonicalMember member = new CanonicalMember(name, from, length);
      ordered &= members.isEmpty() || compare(members, member) <= 0;
      members.add(member);
    }
    put('}');
    if (!ordered) {
      sort(start, members);
    }
  }

  private static int compare(List<CanonicalMember> members, CanonicalMember next) {
    return CanonicalMember.BY_NAME.compare(members.get(members.size() - 1), next);
  }

  private void sort(int start, List<CanonicalMember> members) {
    byte[] unsorted = Arrays.copyOfRange(bytes, start, length);
    members.sort(CanonicalMember.BY_NAME);
    length = start;
    put('{');
    for (CanonicalMember member : members) {
      if (length > start + 1) {
        put(',');
      }
      append(unsorted, member.from() - start, member.to() - member.from());
    }
    put('}');
  }

  /** Appends a member's name and its colon; fails when there are more than a body can need. */
  public void member(String name) {
    if (++names > MOST_NAMES) {
      throw Failure.invalid(null, "more than " + MOST_NAMES + " names in one body");
    }
    text(name);
    put(':');
  }

  /** Appends a string. */
  void text(String text) {
    put('"');
    reserve(text.length());
    int at = 0;
    while (at < text.length() && isPlain(text.charAt(at))) {
      bytes[length++] = (byte) text.charAt(at++);
    }
    if (at < text.length()) {
      char[] rest = text.substring(at).toCharArray();
      characters(rest, rest.length);
    }
    put('"');
  }

  /** Appends a number by its value. */
  public void number(String literal) {
    ascii(CanonicalNumber.of(literal));
  }

  /** Appends the string that is the current token; returns the index behind it in the source. */
  public int string(JsonTokens in) {
    put('"');
    int from = in.from() + 1;
    int to = TextEnds.next(source, from, source.length);
    while (to < source.length && source[to] == '\\') {
      append(source, from, to - from);
      from = escaped(to);
      to = TextEnds.next(source, from, source.length);
    }
    append(source, from, to - from);
    put('"');
    return to + 1;
  }

  /**
   * Appends what is escaped at {@code at}, both halves of a pair at once; returns the next index.
   */
  private int escaped(int at) {
    units[0] = JsonEscapes.unit(source, at);
    int next = JsonEscapes.end(source, at);
    if (Character.isHighSurrogate(units[0]) && JsonEscapes.isUnicode(source, next)) {
      units[1] = JsonEscapes.unit(source, next);
      if (Character.isLowSurrogate(units[1])) {
        characters(units, 2);
        return JsonEscapes.end(source, next);
      }
    }
    characters(units, 1);
    return next;
  }

  private void characters(char[] chars, int count) {
    reserve(count * 3L); // no character takes more than three bytes
    for (int i = 0; i < count; i++) {
      char c = chars[i];
      if (isPlain(c)) {
        bytes[length++] = (byte) c;
      } else {
        i = unusual(chars, i, count);
      }
    }
  }

  private static boolean isPlain(char c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
  }

  /** Writes the character at {@code i}, which needs more than one byte; returns its last index. */
  private int unusual(char[] chars, int i, int end) {
    char c = chars[i];
    if (c == '"' || c == '\\' || c < 0x20) {
      escape(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6, 0x80 | c & 0x3F);
    } else if (Character.isHighSurrogate(c)
        && i + 1 < end
        && Character.isLowSurrogate(chars[i + 1])) {
      int point = Character.toCodePoint(c, chars[i + 1]);
      put(0xF0 | point >> 18, 0x80 | point >> 12 & 0x3F);
      put(0x80 | point >> 6 & 0x3F, 0x80 | point & 0x3F);
      return i + 1;
    } else { // a lone surrogate is written as if it were a character, so that it stays itself
      put(0xE0 | c >> 12);
      put(0x80 | c >> 6 & 0x3F, 0x80 | c & 0x3F);
    }
    return i;
  }

  private void escape(char c) {
    put('\\');
    if (c >= 0x20) {
      put(c);
    } else {
      put('a' + (c >> 4), 'a' + (c & 15)); // \aa … \bp: of fixed width and unambiguous
    }
  }

  /** Appends plain ASCII as it stands. */
  public void ascii(String text) {
    byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
    append(ascii, 0, ascii.length);
  }

  private void append(byte[] from, int offset, int count) {
    reserve(count);
    System.arraycopy(from, offset, bytes, length, count);
    length += count;
  }

  private void put(int one) {
    reserve(1);
    bytes[length++] = (byte) one;
  }

  private void put(int one, int two) {
    reserve(2);
    bytes[length++] = (byte) one;
    bytes[length++] = (byte) two;
  }

  private void reserve(long more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.toIntExact((length + more) * 3 / 2));
    }
  }

  /**
   * A member of an object, with the position of its canonical form in a buffer.
   *
   * @param from first byte
   * @param to byte after the last
   */
  public record CanonicalMember(String name, int from, int to) {
    public static final Comparator<CanonicalMember> BY_NAME =
        Comparator.comparing(CanonicalMember::name);
  }
}
