package dev.refrain.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds where plain text in a JSON string ends, eight bytes at a time: at a quote, a backslash, or
 * a control character, which a string must not contain.
 *
 * <p>Source: "Determine if a word has a byte less than n" and "has a zero byte", Bit Twiddling
 * Hacks (S. E. Anderson); RFC 8259 §7.
 */
final class TextEnds {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long BACKSLASHES = ONES * '\\';
  private static final long SWAP = ONES * ('"' ^ ' ');
  private static final long SWAPPED_QUOTES = ONES * (' ' + 1);

  private TextEnds() {}

  /**
   * Index of the first such byte in {@code bytes[from, to)}, or {@code to}. A borrow may flag a
   * byte above a true hit of its kind, never one below, so the lowest flag of all is true.
   */
  static int next(byte[] bytes, int from, int to) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long word = (long) WORDS.get(bytes, at);
      // with quotes and spaces swapped, quotes stand right above the control characters
      long hits = below(word ^ SWAP, SWAPPED_QUOTES) | below(word ^ BACKSLASHES, ONES);
      if (hits != 0) {
        return at + (Long.numberOfTrailingZeros(hits) >>> 3);
      }
    }
    while (at < to && !isEnd(bytes[at])) {
      at++;
    }
    return at;
  }

  private static long below(long word, long limits) {
    return (word - limits) & ~word & HIGH_BITS;
  }

  private static boolean isEnd(byte one) {
    return one == '"' || one == '\\' || (one >= 0 && one < ' ');
  }
}
