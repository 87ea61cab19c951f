package dev.refrain.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. JSON parsers are laxer,
 * and two servers that repair the same bytes differently would not have been asked the same thing.
 *
 * <p>Source: RFC 3629 §4; the platform's decoder would do, at five times the price for text that is
 * not all ASCII.
 */
public final class Utf8 {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /** Index of the first byte that is not UTF-8, or -1. */
  public static int firstInvalid(byte[] bytes) {
    return firstInvalid(bytes, 0, bytes.length);
  }

  /** The same for {@code bytes[from, to)}. */
  public static int firstInvalid(byte[] bytes, int from, int to) {
    int at = ascii(bytes, from, to);
    while (at < to) {
      int length = length(bytes, at, to);
      if (length == 0) {
        return at;
      }
      at += length;
      if (at < to && bytes[at] >= 0) {
        at = ascii(bytes, at, to);
      }
    }
    return -1;
  }

  /** Index of the first byte of {@code bytes[from, to)} that is not ASCII, or {@code to}. */
  private static int ascii(byte[] bytes, int from, int to) {
    int at = from;
    while (at <= to - Long.BYTES && ((long) WORDS.get(bytes, at) & HIGH_BITS) == 0) {
      at += Long.BYTES;
    }
    while (at < to && bytes[at] >= 0) {
      at++;
    }
    return at;
  }

  /** Bytes of the character at {@code at}, which is not ASCII; 0 if it is none. */
  private static int length(byte[] bytes, int at, int to) {
    int lead = bytes[at] & 0xFF;
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead < 0xC2 || lead > 0xF4 || to - at < length) {
      return 0;
    }
    boolean valid = isSecond(lead, bytes[at + 1]);
    for (int i = 2; i < length; i++) {
      valid &= isTail(bytes[at + i]);
    }
    return valid ? length : 0;
  }

  private static boolean isSecond(int lead, byte second) {
    return isTail(second)
        && switch (lead) {
          case 0xE0 -> second >= (byte) 0xA0; // below it is overlong
          case 0xED -> second < (byte) 0xA0; // above it is a surrogate
          case 0xF0 -> second >= (byte) 0x90; // below it is overlong
          case 0xF4 -> second < (byte) 0x90; // above it is no character
          default -> true;
        };
  }

  private static boolean isTail(byte one) {
    return one < (byte) 0xC0;
  }
}
