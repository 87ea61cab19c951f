package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.completion.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Canonical JSON, as bytes: no white space, members sorted by name, numbers by value without
 * passing through double, strings in UTF-8 with one escape for each character that needs one. Text
 * is never trimmed, folded or normalised. Nulls stay: deep inside a field that nobody here knows,
 * {@code "const": null} is not the same as nothing.
 *
 * <p>Grows as needed and is used again for the next request; lives on one event loop.
 */
final class Canonical {
  private static final int KEPT = 1 << 20;
  // An object of many short members weighs ten times its text; this is a vocabulary of them.
  static final int MOST_NAMES = 1 << 18;

  private byte[] bytes = new byte[4096];
  private int length;
  private int names;

  /** Forgets everything; what a giant left behind goes to the collector. */
  void clear() {
    length = 0;
    names = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[4096]; // one giant prompt shall not be remembered for ever
    }
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /** Appends the value that starts at the parser's current token, and leaves it at its end. */
  void value(JsonParser in) throws IOException {
    switch (in.currentToken()) {
      case START_OBJECT -> object(in);
      case START_ARRAY -> array(in);
      case VALUE_STRING -> string(in.getTextCharacters(), in.getTextOffset(), in.getTextLength());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(in.getText());
      case VALUE_TRUE -> ascii("true");
      case VALUE_FALSE -> ascii("false");
      default -> ascii("null");
    }
  }

  private void array(JsonParser in) throws IOException {
    put('[');
    for (boolean first = true; in.nextToken() != JsonToken.END_ARRAY; first = false) {
      if (!first) {
        put(',');
      }
      value(in);
    }
    put(']');
  }

  private void object(JsonParser in) throws IOException {
    int start = length;
    List<CanonicalMember> members = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      in.nextToken();
      int from = length;
      member(name);
      value(in);
      members.add(new CanonicalMember(name, from, length));
    }
    sort(start, members);
  }

  private void sort(int start, List<CanonicalMember> members) {
    byte[] unsorted = new byte[length - start];
    System.arraycopy(bytes, start, unsorted, 0, unsorted.length);
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
  void member(String name) {
    if (++names > MOST_NAMES) {
      throw Failure.invalid(null, "more than " + MOST_NAMES + " names in one body");
    }
    text(name);
    put(':');
  }

  /** Appends a string. */
  void text(String text) {
    char[] chars = text.toCharArray();
    string(chars, 0, chars.length);
  }

  /** Appends a number by its value. */
  void number(String literal) {
    ascii(CanonicalNumber.of(literal));
  }

  private void string(char[] chars, int from, int count) {
    reserve(count * 3L + 2); // no character takes more than three bytes
    bytes[length++] = '"';
    for (int i = from; i < from + count; i++) {
      char c = chars[i];
      if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
        bytes[length++] = (byte) c;
      } else {
        i = unusual(chars, i, from + count);
      }
    }
    bytes[length++] = '"';
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
      put('a' + (c >> 4), 'a' + (c & 15)); // \aa … \bp: of fixed width and nobody else's
    }
  }

  /** Appends plain ASCII as it stands. */
  void ascii(String text) {
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
}
