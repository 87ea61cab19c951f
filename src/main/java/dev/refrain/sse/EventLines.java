package dev.refrain.sse;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Frame;
import dev.refrain.json.Edits;
import dev.refrain.json.Slice;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;

/**
 * The lines of one event, for the rare cases: several data lines, an event's name, comments.
 *
 * <p>Source: WHATWG HTML, Server-sent events §9.2.6.
 */
public final class EventLines {
  /** The field that carries the payload. */
  static final byte[] DATA = "data".getBytes(US_ASCII);

  private static final byte[] NAME = "event".getBytes(US_ASCII);
  private static final int DATA_PREFIX = "data: ".length();
  private static final int LONGEST_END = "\r\n\r\n".length();

  private EventLines() {}

  /** The frame with edits in its data; the frame itself where there are none. */
  public static Frame edited(Frame frame, Edits edits) {
    if (edits.isEmpty()) {
      return frame;
    }
    byte[] data = edits.applyTo(frame.data());
    int end = frame.to() + edits.growth();
    if (frame.data() == frame.event()) {
      return new Frame(data, data, frame.from(), end);
    }
    // The data was spread over several lines, which can no longer be told apart.
    return Frame.of(OneLine.of(new Slice(data, frame.from(), end)));
  }

  /**
   * Where the value of field {@code name} begins in the line {@code bytes[from, to)}, or -1 if the
   * line is another field. One space after the colon does not count; a line without a colon is a
   * field with an empty value.
   */
  static int value(byte[] bytes, int from, int to, byte[] name) {
    int colon = from + name.length;
    if (colon > to || !Arrays.equals(bytes, from, colon, name, 0, name.length)) {
      return -1;
    }
    if (colon == to) {
      return to;
    }
    if (bytes[colon] != ':') {
      return -1;
    }
    int value = colon + 1;
    return value < to && bytes[value] == ' ' ? value + 1 : value;
  }

  /** The frame of an event that spreads its data over several lines, joined by LF. */
  static Frame join(byte[] event) {
    ByteArrayOutputStream data = new ByteArrayOutputStream(event.length);
    boolean first = true;
    for (int from = 0, to; from < event.length; from = to + 1) {
      to = LineEnds.next(event, from, event.length);
      int value = value(event, from, to, DATA);
      if (value < 0) {
        continue;
      }
      if (!first) {
        data.write('\n');
      }
      data.write(event, value, to - value);
      first = false;
    }
    return new Frame(event, data.toByteArray(), 0, data.size());
  }

  /** Whether the frame is of the event type {@code name}. */
  public static boolean isNamed(Frame frame, byte[] name) {
    if (isDataOnly(frame)) {
      return false;
    }
    byte[] event = frame.event();
    boolean named = false;
    for (int from = 0, to; from < event.length; from = to + 1) {
      to = LineEnds.next(event, from, event.length);
      int value = value(event, from, to, NAME);
      if (value >= 0) {
        named = Arrays.equals(event, value, to, name, 0, name.length);
      }
    }
    return named;
  }

  /**
   * The value of the first line of this field in an event without data; empty if there is none.
   * Nearly all such events are comments.
   */
  public static Optional<Slice> field(Frame withoutData, byte[] name) {
    byte[] event = withoutData.event();
    for (int from = 0, to; from < event.length; from = to + 1) {
      to = LineEnds.next(event, from, event.length);
      int value = value(event, from, to, name);
      if (value >= 0 && value < to) {
        return Optional.of(new Slice(event, value, to));
      }
    }
    return Optional.empty();
  }

  /** Whether every line is a comment or blank. */
  static boolean onlyComments(byte[] event) {
    for (int from = 0, to; from < event.length; from = to + 1) {
      to = LineEnds.next(event, from, event.length);
      if (from < to && event[from] != ':') {
        return false;
      }
    }
    return true;
  }

  /** Whether there is no room for another line; nearly every frame, determined without a search. */
  private static boolean isDataOnly(Frame frame) {
    byte[] event = frame.event();
    return frame.data() == event
        && !frame.isComment()
        && frame.from() <= DATA_PREFIX
        && event.length - frame.to() <= LONGEST_END;
  }

  /** JSON on one line, as an event's data must be. */
  public static final class OneLine {
    private OneLine() {}

    /**
     * A copy of valid JSON in which line ends are spaces. They can only stand between values, for
     * inside strings they are escaped (RFC 8259 §7).
     */
    public static byte[] of(Slice json) {
      byte[] line = Arrays.copyOfRange(json.bytes(), json.from(), json.to());
      for (int at = LineEnds.next(line, 0, line.length);
          at < line.length;
          at = LineEnds.next(line, at + 1, line.length)) {
        line[at] = ' ';
      }
      return line;
    }
  }
}
