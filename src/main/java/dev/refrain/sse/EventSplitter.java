package dev.refrain.sse;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.json.Json;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Cuts the bytes of an event stream into {@link Frame}s. Its user takes frames; it does not push
 * them, so a reader may stop in the middle of a chunk: feed, then {@link #next} until it is null.
 *
 * <p>Shapes: in, bytes cut anywhere; out, one frame per event with its exact bytes through the
 * blank line. Lines end in LF, CRLF or CR, mixed as they like. A byte order mark before the first
 * event belongs to the stream, not to the event, and is dropped.
 *
 * <p>Bounds: an event may have {@code maxEvent} bytes. Fed bytes that were not taken yet are held
 * too, so a caller that stops taking must also pause the source. No byte is scanned twice.
 *
 * <p>Threads: lives on one event loop.
 *
 * <p>Source: WHATWG HTML, Server-sent events §9.2.5 and §9.2.6.
 */
public final class EventSplitter {
  private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final Buffer BLANK_LINE = Buffer.buffer("\n\n");
  private static final byte[] NOTHING = {};
  private static final int SMALLEST = 1024;
  private static final int KEPT = 64 * 1024;

  private final int maxEvent;

  // bytes[start, end) is not yet given out; bytes[start, at) is scanned
  private byte[] bytes = NOTHING;
  private int start;
  private int at;
  private int end;

  // the event in progress; data relative to start, because bytes move
  private int line;
  private int dataFrom;
  private int dataTo;
  private int dataLines;

  private boolean begun;
  private boolean afterBareReturn;
  private boolean skipLineFeed;

  /** A splitter at the beginning of a stream whose events have at most {@code maxEvent} bytes. */
  public EventSplitter(int maxEvent) {
    this.maxEvent = maxEvent;
  }

  /** Takes the next bytes of the stream. They are copied. */
  public void feed(Buffer chunk) {
    int length = chunk.length();
    reserve(length);
    chunk.getBytes(0, length, bytes, end);
    end += length;
  }

  /**
   * The next event, or null when more bytes are needed.
   *
   * @throws Failure {@code UPSTREAM_BROKEN} when the event in progress is over the bound
   */
  public Frame next() {
    if (!begin()) {
      return null;
    }
    while (true) {
      at = LineEnds.next(bytes, at, end);
      if (at - start > maxEvent) {
        throw Failure.of(
            Failure.Kind.UPSTREAM_BROKEN, "event: over " + maxEvent + " bytes (expected: fewer)");
      }
      int after = lineEnd();
      if (after < 0) {
        return null;
      }
      if (at == line) {
        return cut(after);
      }
      field(line, at);
      at = line = after;
    }
  }

  /**
   * Ends the stream; asked once, when the input has ended and {@link #next} has returned null. The
   * standard drops an event without its blank line, but there are servers that end their last event
   * with less; so data that is whole in itself (an object, {@code [DONE]}) counts, and its frame is
   * given the line ends it lacks. The rest of a comment may be lost.
   *
   * @throws Failure {@code UPSTREAM_BROKEN} when the stream was cut inside an event
   */
  public Optional<Frame> last() {
    if (isClean()) {
      return Optional.empty();
    }
    begun = true;
    feed(BLANK_LINE);
    Frame frame = next();
    start = at = line = end;
    if (frame.isComment() && EventLines.onlyComments(frame.event())) {
      return Optional.empty();
    }
    if (isDone(frame) || Json.isObject(frame.data(), frame.from(), frame.to())) {
      return Optional.of(frame);
    }
    throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "the stream was cut inside an event");
  }

  /** Whether all that was fed has been given out. */
  public boolean isClean() {
    return start == end;
  }

  /** Whether the frame is the terminator {@code [DONE]}, white space around it or not. */
  public static boolean isDone(Frame frame) {
    byte[] data = frame.data();
    int from = frame.from();
    int to = frame.to();
    while (from < to && data[from] == ' ') {
      from++;
    }
    // in nearly every frame this is a brace, and we are done
    if (from == to || data[from] != '[') {
      return false;
    }
    while (data[to - 1] == ' ') {
      to--;
    }
    return Arrays.equals(data, from, to, DONE, 0, DONE.length);
  }

  private boolean begin() {
    if (skipLineFeed && start < end) {
      skipLineFeed = false;
      if (bytes[start] == '\n') {
        at = line = ++start;
      }
    }
    return begun || passMark();
  }

  /** Whether it is settled how the stream begins. */
  private boolean passMark() {
    int length = Math.min(MARK.length, end - start);
    boolean marked = Arrays.equals(bytes, start, start + length, MARK, 0, length);
    if (marked && length < MARK.length) {
      return false;
    }
    if (marked) {
      at = line = start += length;
    }
    return begun = true;
  }

  /**
   * Index after the line end at {@code at}, or -1 if more bytes are needed. After a CR we wait to
   * see whether an LF belongs to it, except where that would hold back an event of a server that
   * ends its lines in CR: then an LF that follows after all is dropped.
   */
  private int lineEnd() {
    if (at == end) {
      return -1;
    }
    int after = at + 1;
    if (bytes[at] == '\n') {
      afterBareReturn = false;
      return after;
    }
    if (after == end) {
      skipLineFeed = at == line && afterBareReturn;
      return skipLineFeed ? after : -1;
    }
    afterBareReturn = bytes[after] != '\n';
    return afterBareReturn ? after : after + 1;
  }

  private void field(int from, int to) {
    int value = EventLines.value(bytes, from, to, EventLines.DATA);
    if (value >= 0) {
      dataFrom = value - start;
      dataTo = to - start;
      dataLines++;
    }
  }

  private Frame cut(int after) {
    byte[] event = Arrays.copyOfRange(bytes, start, after);
    Frame frame =
        dataLines > 1 ? EventLines.join(event) : new Frame(event, event, dataFrom, dataTo);
    start = at = line = after;
    dataFrom = dataTo = dataLines = 0;
    afterBareReturn = false;
    if (start == end) {
      rewind();
    }
    return frame;
  }

  private void rewind() {
    start = at = line = end = 0;
    if (bytes.length > KEPT) {
      bytes = NOTHING;
    }
  }

  /** Room for {@code more} bytes. Moves at most as much as is free, or doubles: linear in all. */
  private void reserve(int more) {
    if (more <= bytes.length - end) {
      return;
    }
    int held = end - start;
    boolean moving = held <= bytes.length / 2 && held + more <= bytes.length;
    byte[] target = moving ? bytes : new byte[Math.max(SMALLEST, Math.max(held + more, 2 * held))];
    System.arraycopy(bytes, start, target, 0, held);
    bytes = target;
    at -= start;
    line -= start;
    end = held;
    start = 0;
  }
}
