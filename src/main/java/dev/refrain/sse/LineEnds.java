package dev.refrain.sse;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Finds the ends of lines, eight bytes at a time.
 *
 * <p>Source: "Determine if a word has a byte less than n", Bit Twiddling Hacks (S. E. Anderson).
 */
final class LineEnds {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int LIMIT = '\r' + 1;
  private static final long LIMITS = 0x0101010101010101L * LIMIT;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private LineEnds() {}

  /** Index of the first LF or CR in {@code bytes[from, to)}, or {@code to}. */
  static int next(byte[] bytes, int from, int to) {
    int at = control(bytes, from, to);
    while (at < to && bytes[at] != '\n' && bytes[at] != '\r') {
      at = control(bytes, at + 1, to);
    }
    return at;
  }

  /**
   * Index of the first byte up to CR, which are rare: JSON escapes them all. One comparison for the
   * whole range is cheaper than one for LF and one for CR. A borrow may flag a byte above a true
   * hit, never one below, so the lowest flag is always true.
   */
  private static int control(byte[] bytes, int from, int to) {
    int at = from;
    for (; at <= to - Long.BYTES; at += Long.BYTES) {
      long word = (long) WORDS.get(bytes, at);
      long hits = (word - LIMITS) & ~word & HIGH_BITS;
      if (hits != 0) {
        return at + (Long.numberOfTrailingZeros(hits) >>> 3);
      }
    }
    while (at < to && (bytes[at] < 0 || bytes[at] >= LIMIT)) {
      at++;
    }
    return at;
  }
}
