package dev.refrain.openai;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Strict UTF-8 (RFC 3629): no overlong forms, no surrogates. JSON parsers are laxer, and two
 * servers that repair the same bytes differently would not have been asked the same thing. Lives on
 * one event loop.
 */
final class Utf8 {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer scratch = CharBuffer.allocate(4096);

  /** Index of the first byte that is not UTF-8, or -1. */
  int firstInvalid(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    decoder.reset();
    while (true) {
      scratch.clear();
      CoderResult result = decoder.decode(in, scratch, true);
      if (result.isUnderflow()) {
        return -1;
      }
      if (result.isError()) {
        return in.position();
      }
    }
  }
}
