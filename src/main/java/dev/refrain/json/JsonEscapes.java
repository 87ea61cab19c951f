package dev.refrain.json;

/**
 * Decodes escapes in JSON strings. A malformed one stands for anything, but is never read past the
 * end of its bytes: refusing it is the parser's part.
 *
 * <p>Source: RFC 8259 §7.
 */
final class JsonEscapes {
  private static final int UNIT = "\\u0000".length();

  private JsonEscapes() {}

  /** The UTF-16 code unit of the escape whose backslash is {@code bytes[at]}. */
  static char unit(byte[] bytes, int at) {
    if (isUnicode(bytes, at)) {
      return (char) (hex(bytes, at + 2) << 8 | hex(bytes, at + 4));
    }
    if (at + 1 == bytes.length) {
      return 0;
    }
    return switch (bytes[at + 1]) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> (char) (bytes[at + 1] & 0xFF);
    };
  }

  /** Index behind it. */
  static int end(byte[] bytes, int at) {
    return isUnicode(bytes, at) ? at + UNIT : Math.min(at + 2, bytes.length);
  }

  /** Whether an escape by number stands at {@code at}, which may be past the end. */
  static boolean isUnicode(byte[] bytes, int at) {
    return at <= bytes.length - UNIT && bytes[at] == '\\' && bytes[at + 1] == 'u';
  }

  private static int hex(byte[] bytes, int at) {
    return Character.digit(bytes[at], 16) << 4 | Character.digit(bytes[at + 1], 16);
  }
}
