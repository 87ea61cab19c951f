package dev.refrain.upstream;

import dev.refrain.inference.Framing;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Form of a response body, by its first bytes. Servers send events under any media type, and
 * documents under that of events; the bytes decide, and the media type only where they are
 * ambiguous. Pure functions.
 */
enum AnswerForm {
  /** Server-sent events. */
  EVENTS,
  /** One document. */
  DOCUMENT,
  /** More bytes are needed. */
  UNDECIDED;

  // WHATWG HTML, Server-sent events §9.2.6
  private static final List<byte[]> FIELDS =
      List.of(
          ascii("data:"),
          ascii("event:"),
          ascii("id:"),
          ascii("retry:"),
          ascii(":"),
          ascii("error: {")); // of llama.cpp until 2024
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int MOST_SPACE = 1024;

  /**
   * The form of a body that begins with these bytes.
   *
   * @param events whether the media type is that of events
   * @param asked how the answer was requested
   */
  static AnswerForm of(Buffer body, boolean events, Framing asked) {
    if (asked == Framing.WHOLE && !events) {
      return DOCUMENT; // what was not asked for as a stream may say anything
    }
    byte[] start = body.getBytes(0, Math.min(body.length(), MOST_SPACE));
    int from = startsWith(start, 0, MARK) == EVENTS ? MARK.length : 0;
    int at = from;
    while (at < start.length && isSpace(start[at])) {
      at++;
    }
    if (at == start.length) {
      return ofSpace(start.length, events);
    }
    if (start[at] == '{' || start[at] == '[') {
      return DOCUMENT;
    }
    AnswerForm form = DOCUMENT;
    for (byte[] field : FIELDS) {
      AnswerForm one = startsWith(start, at, field);
      form = one == DOCUMENT ? form : one;
    }
    return form == DOCUMENT ? byType(events) : form;
  }

  /** The form of a body by its media type alone. */
  static AnswerForm byType(boolean events) {
    return events ? EVENTS : DOCUMENT;
  }

  // Blank lines belong to a stream, and may precede a document, too.
  private static AnswerForm ofSpace(int length, boolean events) {
    return length > 0 && (events || length == MOST_SPACE) ? byType(events) : UNDECIDED;
  }

  /** Whether {@code bytes} go on with {@code word}: yes, no, or not yet known. */
  private static AnswerForm startsWith(byte[] bytes, int from, byte[] word) {
    for (int i = 0; i < word.length; i++) {
      if (from + i >= bytes.length) {
        return UNDECIDED;
      }
      if (bytes[from + i] != word[i]) {
        return DOCUMENT;
      }
    }
    return EVENTS;
  }

  private static boolean isSpace(byte one) {
    return one == '\n' || one == '\r' || one == ' ' || one == '\t';
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
