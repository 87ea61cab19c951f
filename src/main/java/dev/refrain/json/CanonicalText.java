package dev.refrain.json;

import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/**
 * What {@link Canonical} wrote, as a JSON document for people: its escapes are those of JSON, and
 * its numbers are written without an exponent where that is not long. Equal canonical forms give
 * equal texts, and the canonical form of the text is the same again. Pure functions.
 */
public final class CanonicalText {
  private static final int LONGEST_SCALE = 20;
  private static final String HEX = "0123456789abcdef";

  private CanonicalText() {}

  /** The text of {@code canonical[from, to)}: one value, or a member with its name. */
  public static String of(byte[] canonical, int from, int to) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(to - from + 16);
    boolean inString = false;
    for (int at = from; at < to; ) {
      byte one = canonical[at];
      if (inString) {
        inString = one != '"';
        at = unit(canonical, at, to, out);
      } else if (one == '-' || one >= '0' && one <= '9') {
        at = number(canonical, at, to, out);
      } else {
        inString = one == '"';
        out.write(one);
        at++;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int unit(byte[] canonical, int at, int to, ByteArrayOutputStream out) {
    byte one = canonical[at];
    if (one == '\\') {
      return escape(canonical, at, out);
    }
    // A lone half of a pair, written as if it were a character: no valid UTF-8.
    if (one == (byte) 0xED && at + 2 < to && (canonical[at + 1] & 0xFF) >= 0xA0) {
      int code = 0xD000 | (canonical[at + 1] & 0x3F) << 6 | canonical[at + 2] & 0x3F;
      unicode(code, out);
      return at + 3;
    }
    out.write(one);
    return at + 1;
  }

  private static int escape(byte[] canonical, int at, ByteArrayOutputStream out) {
    byte next = canonical[at + 1];
    if (next == '"' || next == '\\') {
      out.write('\\');
      out.write(next);
      return at + 2;
    }
    int control = next - 'a' << 4 | canonical[at + 2] - 'a';
    switch (control) {
      case '\n' -> ascii("\\n", out);
      case '\r' -> ascii("\\r", out);
      case '\t' -> ascii("\\t", out);
      default -> unicode(control, out);
    }
    return at + 3;
  }

  private static int number(byte[] canonical, int at, int to, ByteArrayOutputStream out) {
    int end = at;
    while (end < to && isOfNumber(canonical[end])) {
      end++;
    }
    String literal = new String(canonical, at, end - at, StandardCharsets.US_ASCII);
    ascii(literal.indexOf('e') < 0 ? literal : plain(literal), out);
    return end;
  }

  private static boolean isOfNumber(byte one) {
    return one >= '0' && one <= '9'
        || one == '-'
        || one == '+'
        || one == '.'
        || (one | 0x20) == 'e';
  }

  private static String plain(String literal) {
    // Beyond these no text for people; and a decimal does not know every exponent.
    if (literal.length() > 2 * LONGEST_SCALE) {
      return literal;
    }
    try {
      BigDecimal value = new BigDecimal(literal);
      return Math.abs((long) value.scale()) > LONGEST_SCALE ? literal : value.toPlainString();
    } catch (NumberFormatException beyondAllExponents) {
      return literal;
    }
  }

  private static void unicode(int code, ByteArrayOutputStream out) {
    ascii("\\u", out);
    for (int shift = 12; shift >= 0; shift -= 4) {
      out.write(HEX.charAt(code >> shift & 0xF));
    }
  }

  private static void ascii(String text, ByteArrayOutputStream out) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    out.write(bytes, 0, bytes.length);
  }
}
