package dev.refrain.sse;

import dev.refrain.json.Slice;
import java.util.Arrays;

/** JSON on one line, as an event's data must be. */
public final class OneLine {
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
