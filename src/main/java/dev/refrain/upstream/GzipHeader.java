package dev.refrain.upstream;

import java.util.zip.DataFormatException;

/** Finds the end of a gzip member's header. Pure functions; source: RFC 1952 §2.3. */
final class GzipHeader {
  private static final int FIXED = 10;
  private static final int LONGEST = 64 * 1024;
  private static final int DEFLATE = 8;
  private static final int HAS_CHECKSUM = 2;
  private static final int HAS_EXTRA = 4;
  private static final int HAS_NAME = 8;
  private static final int HAS_COMMENT = 16;

  private GzipHeader() {}

  /** Whether a member may begin at {@code at}. */
  static boolean begins(byte[] in, int at) {
    return (in[at] & 0xFF) == 0x1F && (at + 1 == in.length || (in[at + 1] & 0xFF) == 0x8B);
  }

  /**
   * Index after the header that begins at {@code at}, or -1 if it is not all there.
   *
   * @throws DataFormatException when it is no header
   */
  static int end(byte[] in, int at) throws DataFormatException {
    boolean longer = in.length - at > LONGEST;
    if (!begins(in, at) || in.length - at > 2 && in[at + 2] != DEFLATE) {
      throw new DataFormatException("not gzip");
    }
    if (in.length - at < FIXED) {
      return -1;
    }
    int end = fields(in, at + FIXED, in[at + 3]);
    if (end < 0 && longer) {
      throw new DataFormatException("a header without an end");
    }
    return end;
  }

  private static int fields(byte[] in, int from, int flags) {
    int end = from;
    if ((flags & HAS_EXTRA) != 0) {
      if (in.length - end < 2) {
        return -1;
      }
      end += 2 + (in[end] & 0xFF) + ((in[end + 1] & 0xFF) << 8);
    }
    if ((flags & HAS_NAME) != 0) {
      end = afterText(in, end);
    }
    if ((flags & HAS_COMMENT) != 0) {
      end = afterText(in, end);
    }
    if ((flags & HAS_CHECKSUM) != 0) {
      end = end < 0 ? -1 : end + 2;
    }
    return end > in.length ? -1 : end;
  }

  private static int afterText(byte[] in, int from) {
    for (int at = from; at >= 0 && at < in.length; at++) {
      if (in[at] == 0) {
        return at + 1;
      }
    }
    return -1;
  }
}
