package dev.refrain.redis;

import java.nio.charset.StandardCharsets;

/**
 * The slot of a cluster that a key belongs to.
 *
 * <p>Source: Redis cluster specification, "Key distribution model"; CRC-16/XMODEM.
 */
final class Slots {
  /** How many there are. */
  static final int COUNT = 16_384;

  private static final int POLYNOMIAL = 0x1021;
  private static final int[] TABLE = table();

  private Slots() {}

  /** The slot of a key; of a key with {@code {…}} in it, what stands between decides alone. */
  static int of(String key) {
    return crc(hashed(key).getBytes(StandardCharsets.UTF_8)) % COUNT;
  }

  private static String hashed(String key) {
    int open = key.indexOf('{');
    int close = open < 0 ? -1 : key.indexOf('}', open);
    return close > open + 1 ? key.substring(open + 1, close) : key;
  }

  private static int crc(byte[] bytes) {
    int crc = 0;
    for (byte next : bytes) {
      crc = ((crc << 8) ^ TABLE[((crc >>> 8) ^ next) & 0xff]) & 0xffff;
    }
    return crc;
  }

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : (crc << 1) ^ POLYNOMIAL;
      }
      table[i] = crc & 0xffff;
    }
    return table;
  }
}
