package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.json.Slice.Span;

/**
 * A choice, and how to change its index. Holds places only, not the bytes.
 *
 * @param from first byte of the choice
 * @param to byte after its last
 * @param place where its index stands, or is to be put
 * @param spelling the bytes to write there
 * @param number the index it has; -1 if it has none, or none that counts
 */
record Choice(int from, int to, Span place, Spelling spelling, int number) {
  private static final byte[][] SMALL = new byte[256][];

  static {
    for (int i = 0; i < SMALL.length; i++) {
      SMALL[i] = ascii(i);
    }
  }

  /** The bytes around an index. */
  enum Spelling {
    /** Nothing: it takes the place of another. */
    VALUE,
    /** Its name and a comma: the choice has other members, but no index. */
    FIRST_MEMBER,
    /** Its name: the choice has no members. */
    ONLY_MEMBER
  }

  /** The bytes that give it this index. */
  byte[] index(int index) {
    return switch (spelling) {
      case VALUE -> index < SMALL.length ? SMALL[index] : ascii(index);
      case FIRST_MEMBER -> ascii("\"index\":" + index + ",");
      case ONLY_MEMBER -> ascii("\"index\":" + index);
    };
  }

  private static byte[] ascii(Object text) {
    return text.toString().getBytes(US_ASCII);
  }
}
